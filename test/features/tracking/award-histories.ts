import fc from 'fast-check';
import { start, ZONES } from '../streaks/worlds.ts';
import type { RuleInput } from './naive-awards.ts';

export interface RecordedItem {
  verb: string;
  quantity: number;
  objectId: string | undefined;
  /** The age when it is recorded, in half hours. */
  age: number;
}

/** A request about a user. Numbers select among the definitions and the user's rows that exist. */
export type Step =
  | { kind: 'record'; items: RecordedItem[] }
  | { kind: 'void'; which: number }
  | { kind: 'zone'; timeZone: string }
  | { kind: 'complete'; which: number }
  | { kind: 'reopen'; which: number }
  | { kind: 'excuse'; daysAgo: number; length: number }
  | { kind: 'cancel'; which: number }
  | { kind: 'award'; which: number; age: number }
  | { kind: 'revoke'; which: number }
  | { kind: 'reinstate'; which: number };

export interface History {
  zone: string;
  steps: Step[];
}

export interface DefinitionInput {
  repeat: string;
  rule: RuleInput;
}

/** Users whose requests are sent at the same times, so that one request can be about many of them. */
export interface Round {
  /** A date some weeks before the first step. */
  start: string;
  /** The time before each step, in half hours. */
  waits: number[];
  definitions: DefinitionInput[];
  /** Definitions that are created after the last step. */
  late: DefinitionInput[];
  histories: History[];
}

const STEPS = 8;
const HALF_HOURS_PER_DAY = 48;
/** Users of a round. */
const USERS = 50;

const verb = fc.constantFrom('practice', 'check-in');
const gte = (max: number) => fc.integer({ min: 1, max });
const distinct = fc.constantFrom('object', 'date');
const which = fc.nat({ max: 60 });

const ofActivities: fc.Arbitrary<RuleInput> = fc.oneof(
  fc.record({ count: fc.record({ verb, gte: gte(5) }) }),
  fc.record({ count: fc.record({ verb, gte: gte(4), distinct }) }),
  fc.record({ sum: fc.record({ verb, gte: gte(12) }) }),
);
const ofOtherFacts: fc.Arbitrary<RuleInput> = fc.oneof(
  fc.record({ streak: fc.record({ gte: gte(4) }) }),
  fc.record({ goalsCompleted: fc.record({ gte: gte(2) }) }),
  fc.record({ badge: fc.record({ key: which.map(String) }) }),
);

function ruleOf(condition: fc.Arbitrary<RuleInput>): fc.Arbitrary<RuleInput> {
  const combine = (part: fc.Arbitrary<RuleInput>) => {
    const parts = fc.array(part, { minLength: 1, maxLength: 3 });
    return fc.oneof(part, fc.record({ all: parts }), fc.record({ any: parts }));
  };
  return combine(combine(condition));
}

const definition = fc.oneof(
  fc.record({ repeat: fc.constantFrom('WEEKLY', 'MONTHLY'), rule: ruleOf(ofActivities) }),
  fc.record({ repeat: fc.constantFrom('ONCE', 'PER_STREAK'), rule: ruleOf(fc.oneof(ofActivities, ofOtherFacts)) }),
);

const age = fc.oneof(fc.constant(0), fc.nat({ max: 3 * HALF_HOURS_PER_DAY }), fc.nat({ max: 14 * HALF_HOURS_PER_DAY }));
const item = fc.record({
  verb,
  quantity: gte(4),
  objectId: fc.constantFrom(undefined, 'a', 'b', 'c'),
  age,
});

type Values<Kind extends Step['kind']> = Omit<Extract<Step, { kind: Kind }>, 'kind'>;
type Arbitraries<Kind extends Step['kind']> = { [Name in keyof Values<Kind>]: fc.Arbitrary<Values<Kind>[Name]> };

function step<Kind extends Step['kind']>(weight: number, kind: Kind, values: Arbitraries<Kind>) {
  const arbitrary = fc.record({ kind: fc.constant(kind), ...values } as Record<string, fc.Arbitrary<unknown>>);
  return { weight, arbitrary: arbitrary as unknown as fc.Arbitrary<Step> };
}

const history: fc.Arbitrary<History> = fc.record({
  zone: fc.constantFrom(...ZONES),
  steps: fc.array(
    fc.oneof(
      step(16, 'record', { items: fc.array(item, { minLength: 1, maxLength: 4 }) }),
      step(2, 'void', { which }),
      step(2, 'zone', { timeZone: fc.constantFrom(...ZONES) }),
      step(4, 'complete', { which }),
      step(2, 'reopen', { which }),
      step(2, 'excuse', { daysAgo: fc.nat({ max: 8 }), length: gte(3) }),
      step(1, 'cancel', { which }),
      step(2, 'award', { which: fc.oneof(fc.constant(0), which), age }),
      step(1, 'revoke', { which }),
      step(1, 'reinstate', { which }),
    ),
    { minLength: 1, maxLength: STEPS, size: 'max' },
  ),
});

/** Rounds with 50 users and some definitions, of which `late` are created after the last step. */
export const rounds = (late: number): fc.Arbitrary<Round> =>
  fc.noBias(
    fc.record({
      start,
      waits: fc.array(gte(120), { minLength: STEPS, maxLength: STEPS }),
      definitions: fc.array(definition, { minLength: 4, maxLength: 9, size: 'max' }),
      late: fc.array(definition, { minLength: late, maxLength: late }),
      histories: fc.array(history, { minLength: USERS, maxLength: USERS }),
    }),
  );
