import { LRUCache } from 'lru-cache';
import { copyText } from '../lib/copy-text.ts';

/** Maximum number of names that have a label value of their own. */
const MAX_NAMES = 50;
/** Uses after which a name gets its own value. */
const MIN_USES = 10;
/** Names whose uses are counted at the same time. */
const MAX_CANDIDATES = 500;

/** The value of all names that have none of their own. */
export const OTHER = 'other';

/**
 * Maps names that clients choose to a bounded set of label values. The first names that are used often enough get a
 * value of their own, until the process ends; all others share `other`.
 */
export class BoundedNames {
  readonly #known = new Set<string>();
  readonly #uses = new LRUCache<string, number>({ max: MAX_CANDIDATES });

  /** Returns the label value of the name, and counts no use. */
  known(name: string): string {
    return this.#known.has(name) ? name : OTHER;
  }

  /** Counts a use, and returns the label value of the name. */
  use(name: string): string {
    if (this.#known.has(name)) return name;
    if (this.#known.size === MAX_NAMES) return OTHER;
    const uses = (this.#uses.get(name) ?? 0) + 1;
    if (uses < MIN_USES) {
      this.#uses.set(copyText(name), uses);
      return OTHER;
    }
    this.#uses.delete(name);
    this.#known.add(copyText(name));
    if (this.#known.size === MAX_NAMES) this.#uses.clear();
    return name;
  }
}
