import { type BadgeDefinition, hasRule, type RuledDefinition } from './definition.ts';
import { badgeKeysOf, conditionsOf, kindOf, verbsOf } from './rule.ts';

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

/**
 * The active definitions of one revision, by the facts that their rules need. The limit of definitions bounds its
 * memory to a few MB.
 */
export class RuleIndex {
  readonly revision: number;
  /** In the order of the keys. */
  readonly byKey: ReadonlyMap<string, BadgeDefinition>;
  /** The definitions with a rule, in the order of the keys. */
  readonly ruled: readonly RuledDefinition[];
  readonly #byFact = new Map<string, RuledDefinition[]>();

  /** @param definitions the active definitions, in the order of their keys */
  constructor(revision: number, definitions: readonly BadgeDefinition[]) {
    this.revision = revision;
    this.byKey = new Map(definitions.map((definition) => [definition.key, definition]));
    this.ruled = definitions.filter(hasRule);
    for (const definition of this.ruled) {
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

/**
 * Returns the facts that can complete the rule. The run decides on the activities that count for a badge that repeats
 * with each run.
 */
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
