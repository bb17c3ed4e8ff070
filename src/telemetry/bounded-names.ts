import { LRUCache } from 'lru-cache';
import { copyText } from '../lib/copy-text.ts';

interface NameLimits {
  /** Maximum number of names that have a label value of their own. */
  names: number;
  /** Uses after which a name gets its own value. */
  uses: number;
  /** Names whose uses are counted at the same time. */
  candidates: number;
}

const LIMITS: NameLimits = { names: 50, uses: 10, candidates: 500 };

/** The value of all names that have none of their own. */
export const OTHER = 'other';

/**
 * Maps names that clients choose to a bounded set of label values. The first names that are used often enough get a
 * value of their own, until the process ends; all others share `other`.
 */
export class BoundedNames {
  readonly #limits: NameLimits;
  readonly #known = new Set<string>();
  readonly #uses: LRUCache<string, number>;

  constructor(limits: NameLimits = LIMITS) {
    this.#limits = limits;
    this.#uses = new LRUCache({ max: limits.candidates });
  }

  /** Returns the label value of the name, and counts no use. */
  known(name: string): string {
    return this.#known.has(name) ? name : OTHER;
  }

  /** Counts a use, and returns the label value of the name. */
  use(name: string): string {
    if (this.#known.has(name)) return name;
    if (this.#known.size === this.#limits.names) return OTHER;
    const uses = (this.#uses.get(name) ?? 0) + 1;
    if (uses < this.#limits.uses) {
      this.#uses.set(copyText(name), uses);
      return OTHER;
    }
    this.#uses.delete(name);
    this.#known.add(copyText(name));
    if (this.#known.size === this.#limits.names) this.#uses.clear();
    return name;
  }
}
