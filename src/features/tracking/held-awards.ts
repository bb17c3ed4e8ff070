import { compareMoments, type Moment } from '../badge-definitions/rule.ts';
import type { HeldAward } from './state.ts';

/** The awards of a user that a change has read or added, by definition. */
export class HeldAwards {
  readonly #byKey: Map<string | null, HeldAward[]>;
  readonly #moments = new Map<string, Moment[]>();

  constructor(awards: readonly HeldAward[]) {
    this.#byKey = Map.groupBy(awards, ({ definitionKey }) => definitionKey);
  }

  add(award: HeldAward & { definitionKey: string }): void {
    const awards = this.#byKey.get(award.definitionKey);
    if (awards === undefined) this.#byKey.set(award.definitionKey, [award]);
    else awards.push(award);
    this.#moments.delete(award.definitionKey);
  }

  /** Returns the awards of a definition, revoked ones included. */
  of(definitionKey: string): readonly HeldAward[] {
    return this.#byKey.get(definitionKey) ?? [];
  }

  /** Returns the moments of the active awards of a definition, ascending. Their status must not change afterwards. */
  momentsOf(definitionKey: string): readonly Moment[] {
    const known = this.#moments.get(definitionKey);
    if (known !== undefined) return known;
    const active = this.of(definitionKey).filter(({ status }) => status === 'active');
    const moments = active.map(({ dateAchieved }) => ({ at: dateAchieved, id: 0 })).sort(compareMoments);
    this.#moments.set(definitionKey, moments);
    return moments;
  }
}
