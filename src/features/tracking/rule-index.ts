import type { ActiveDefinitions, RuledDefinition } from '../badge-definitions/active-definitions.ts';
import type { BadgeDefinition } from '../badge-definitions/definition.ts';
import { badgeKeysOf, conditionsOf, kindOf, verbsOf } from '../badge-definitions/rule.ts';

/** The facts about a user that a change can alter. */
interface ChangedFacts {
  /** The verbs of recorded activities. */
  verbs: readonly string[];
  /** Whether a run of the overall streak can be longer. */
  streak: boolean;
  /** Whether more goals can be completed. */
  goals: boolean;
  /** The definitions of new badges. */
  badgeKeys: readonly string[];
}

/** The active definitions of one revision, by the facts that their rules need. */
export class RuleIndex {
  readonly revision: number;
  readonly byKey: ReadonlyMap<string, BadgeDefinition>;
  readonly #byFact = new Map<string, RuledDefinition[]>();

  constructor({ revision, byKey, ruled }: ActiveDefinitions) {
    this.revision = revision;
    this.byKey = byKey;
    for (const definition of ruled) {
      for (const fact of factsOf(definition)) {
        this.#byFact.set(fact, [...(this.#byFact.get(fact) ?? []), definition]);
      }
    }
  }

  /** Whether a rule counts completed goals. */
  get countsGoals(): boolean {
    return this.#byFact.has('goalsCompleted');
  }

  /** Returns the definitions whose rules need one of the facts. */
  triggeredBy({ verbs, streak, goals, badgeKeys }: ChangedFacts): RuledDefinition[] {
    const facts = [...verbs.map(verbFact), ...(streak ? ['streak'] : []), ...(goals ? ['goalsCompleted'] : [])];
    return this.#needing([...facts, ...badgeKeys.map(badgeFact)]);
  }

  /** Returns the definitions that the facts can complete, also by way of badges that they complete first. */
  relatedTo(facts: ChangedFacts): RuledDefinition[] {
    const related = new Set(this.triggeredBy(facts));
    for (const { key } of related) for (const definition of this.requiring([key])) related.add(definition);
    return [...related];
  }

  /** Returns the definitions whose rules ask for one of the badges. */
  requiring(badgeKeys: readonly string[]): RuledDefinition[] {
    return this.#needing(badgeKeys.map(badgeFact));
  }

  #needing(facts: readonly string[]): RuledDefinition[] {
    return [...new Set(facts.flatMap((fact) => this.#byFact.get(fact) ?? []))];
  }
}

/** The run decides on the activities that count for a badge that repeats with each run. */
function factsOf({ rule, repeat }: RuledDefinition): Set<string> {
  const kinds = conditionsOf(rule).map(kindOf);
  return new Set([
    ...kinds,
    ...(repeat === 'per-streak' ? ['streak'] : []),
    ...[...verbsOf(rule)].map(verbFact),
    ...[...badgeKeysOf(rule)].map(badgeFact),
  ]);
}

function verbFact(verb: string): string {
  return `verb:${verb}`;
}

function badgeFact(key: string): string {
  return `badge:${key}`;
}
