import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Condition,
  compareMoments,
  conditionsOf,
  decidedBy,
  holds,
  type Moment,
  type NumberOf,
  type Rule,
  readRule,
  ruleProgress,
  verbsOf,
} from '../../../src/features/badge-definitions/rule.ts';
import { ratioOf } from '../../../src/lib/ratio.ts';

const RUNS = { numRuns: 2000, seed: 20_260_301 };

const VERBS = ['check-in', 'lesson.completed'];
const KEYS = ['first-steps', 'early-bird'];

const verb = fc.constantFrom(...VERBS);
const gte = fc.integer({ min: 1, max: 6 });
const condition: fc.Arbitrary<Condition> = fc.oneof(
  fc.record({
    count: fc.record(
      { verb, gte, distinct: fc.constantFrom('object' as const, 'date' as const) },
      { requiredKeys: ['verb', 'gte'] },
    ),
  }),
  fc.record({ sum: fc.record({ verb, gte: fc.integer({ min: 1, max: 20 }) }) }),
  fc.record({ streak: fc.record({ gte }) }),
  fc.record({ goalsCompleted: fc.record({ gte }) }),
  fc.record({ badge: fc.record({ key: fc.constantFrom(...KEYS) }) }),
) as fc.Arbitrary<Condition>;

const ruleOf = (levels: number): fc.Arbitrary<Rule> => {
  if (levels === 1) return condition;
  const parts = fc.array(ruleOf(levels - 1), { minLength: 1, maxLength: 2 });
  return fc.oneof(condition, fc.record({ all: parts }), fc.record({ any: parts }));
};
const anyRule = ruleOf(5);

/** An activity, a completed goal or a badge of one user. */
type Event = { id: number; at: string } & (
  | { verb: string; object: string | null; date: number; quantity: number }
  | { goal: true }
  | { badge: string }
);

const instant = fc
  .integer({ min: 0, max: 30 })
  .map((tenths) => new Date(Date.UTC(2026, 2, 1) + tenths * 100).toISOString().replace(/\.?0+Z$/, 'Z'));
const happening = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ verb, object: fc.constantFrom('a', 'b', null), date: fc.nat(5), quantity: fc.nat(5) }),
  },
  fc.constant({ goal: true as const }),
  fc.record({ badge: fc.constantFrom(...KEYS) }),
);
const events: fc.Arbitrary<Event[]> = fc
  .array(fc.tuple(instant, happening), { maxLength: 25 })
  .map((items) => items.map(([at, what], id) => ({ ...what, id, at })));

/** The longest run of dates, which are numbers here. */
const longestRun = (dates: Set<number>) => {
  let [longest, current] = [0, 0];
  for (let date = 0; date <= 5; date++) {
    current = dates.has(date) ? current + 1 : 0;
    longest = Math.max(longest, current);
  }
  return longest;
};

/** Recounts everything from the events, with one loop for each kind of condition. */
function recount(happened: readonly Event[], of: Condition): number {
  const activities = happened.flatMap((event) => ('verb' in event ? [event] : []));
  if ('streak' in of) return longestRun(new Set(activities.map(({ date }) => date)));
  if ('goalsCompleted' in of) return happened.filter((event) => 'goal' in event).length;
  if ('badge' in of) return happened.some((event) => 'badge' in event && event.badge === of.badge.key) ? 1 : 0;
  if ('sum' in of) {
    return activities.filter(({ verb: of_ }) => of_ === of.sum.verb).reduce((sum, { quantity }) => sum + quantity, 0);
  }
  const counted = activities.filter(({ verb: of_ }) => of_ === of.count.verb);
  if (of.count.distinct === 'object') return new Set(counted.flatMap(({ object }) => object ?? [])).size;
  return of.count.distinct === 'date' ? new Set(counted.map(({ date }) => date)).size : counted.length;
}

function naiveHolds(rule: Rule, happened: readonly Event[]): boolean {
  if ('all' in rule) return !rule.all.some((part) => !naiveHolds(part, happened));
  if ('any' in rule) return rule.any.filter((part) => naiveHolds(part, happened)).length > 0;
  const [{ gte: target = 1 }] = Object.values(rule) as [{ gte?: number }];
  return recount(happened, rule) >= target;
}

const numbersOf =
  (happened: readonly Event[]): NumberOf =>
  (of) =>
    recount(happened, of);

/** The events in the order of their instants, of which the texts are compared as numbers, then of their ids. */
const inOrder = (happened: readonly Event[]) =>
  happened.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at) || a.id - b.id);

/** The first event after which the predicate is true of all events so far. */
const firstWith = (happened: readonly Event[], isTrue: (soFar: readonly Event[]) => boolean): Moment | null => {
  const ordered = inOrder(happened);
  const index = ordered.findIndex((_, at) => isTrue(ordered.slice(0, at + 1)));
  const event = ordered[index];
  return event === undefined ? null : { at: event.at, id: event.id };
};

describe('a rule', () => {
  it('holds as a naive recount says, in any order of the events, and only then is its progress complete', () => {
    fc.assert(
      fc.property(anyRule, events, (rule, happened) => {
        const expected = naiveHolds(rule, happened);
        expect(holds(rule, numbersOf(happened))).toBe(expected);
        expect(holds(rule, numbersOf(happened.toReversed()))).toBe(expected);
        const { current, target } = ruleProgress(rule, numbersOf(happened));
        expect([current === target, current >= 0, current <= target]).toEqual([expected, true, true]);
        expect(ratioOf(current, target) === 1).toBe(expected);
      }),
      RUNS,
    );
  });

  it('is decided by the event after which it holds for the first time', () => {
    fc.assert(
      fc.property(anyRule, events, (rule, happened) => {
        const momentOf = (of: Condition) => firstWith(happened, (soFar) => naiveHolds(of, soFar));
        const expected = firstWith(happened, (soFar) => naiveHolds(rule, soFar));
        expect(decidedBy(rule, momentOf)?.moment ?? null).toEqual(expected);
      }),
      RUNS,
    );
  });

  it('is the same after it is written as JSON and read again, in any order of its members', () => {
    const reversed = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(reversed);
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(
        Object.entries(value)
          .toReversed()
          .map(([name, member]) => [name, reversed(member)]),
      );
    };
    fc.assert(
      fc.property(
        anyRule.filter((rule) => conditionsOf(rule).length <= 20),
        (rule) => {
          const read = readRule(JSON.parse(JSON.stringify(rule)));
          expect(read).toEqual(rule);
          expect(JSON.stringify(readRule(reversed(rule)))).toBe(JSON.stringify(read));
        },
      ),
      RUNS,
    );
  });

  it('has the verbs of its counts and sums', () => {
    const count = (of: string) => ({ count: { verb: of, gte: 1 } });
    const rule: Rule = {
      any: [count('a'), { all: [{ sum: { verb: 'b', gte: 1 } }, { streak: { gte: 1 } }, count('a')] }],
    };
    expect([...verbsOf(rule)]).toEqual(['a', 'b']);
    expect(conditionsOf(rule)).toHaveLength(4);
  });
});

describe('the progress', () => {
  const part = (value: number, target: number): Condition => ({ sum: { verb: `v${value}`, gte: target } });
  const numberOf: NumberOf = (of) => ('sum' in of ? Number(of.sum.verb.slice(1)) : 0);

  it.each<[string, Rule, { current: number; target: number }]>([
    ['of all: the sum of the capped parts', { all: [part(99, 3), part(1, 2)] }, { current: 4, target: 5 }],
    ['of any: the part with the best ratio', { any: [part(10, 30), part(1, 2)] }, { current: 1, target: 2 }],
    ['of any: the first of equal parts', { any: [part(2, 4), part(1, 2)] }, { current: 2, target: 4 }],
    ['of nested rules', { all: [{ any: [part(1, 9), part(2, 3)] }, part(5, 5)] }, { current: 7, target: 8 }],
    ['of a badge: 0 of 1', { badge: { key: 'x1' } }, { current: 0, target: 1 }],
  ])('%s', (_, rule, expected) => {
    expect(ruleProgress(rule, numberOf)).toEqual(expected);
  });

  it.each([
    [0, 3, 0],
    [1, 3, 0.33],
    [2, 3, 0.66],
    [29, 100, 0.29],
    [57, 100, 0.57],
    [1_999_999_999, 2_000_000_000, 0.99],
    [7, 7, 1],
    [9, 7, 1],
  ])('%i of %i has the ratio %d, rounded down', (current, target, ratio) => {
    expect(ratioOf(current, target)).toBe(ratio);
  });
});

describe('moments', () => {
  it('are ordered by the instant with all its digits, then by the id', () => {
    const moments: Moment[] = [
      { at: '2026-02-28T23:59:59.999999Z', id: 9 },
      { at: '2026-03-01T00:00:00Z', id: 8 },
      { at: '2026-03-01T00:00:00.000001Z', id: 1 },
      { at: '2026-03-01T00:00:00.05Z', id: 7 },
      { at: '2026-03-01T00:00:00.5Z', id: 2 },
      { at: '2026-03-01T00:00:00.50Z', id: 3 },
      { at: '2026-03-01T00:00:00.51Z', id: 1 },
      { at: '2026-03-01T00:00:01Z', id: 0 },
    ];
    expect(moments.toReversed().sort(compareMoments)).toEqual(moments);
  });
});

const nested = (levels: number, inner: unknown = { streak: { gte: 1 } }): unknown =>
  levels === 1 ? inner : { all: [nested(levels - 1, inner)] };
const many = (count: number) => ({ any: Array(count).fill({ streak: { gte: 1 } }) });
const FORMS = 'must be an object with exactly one of the members all, any, count, sum, streak, goalsCompleted, badge';

describe('readRule', () => {
  it.each<[string, unknown]>([
    ['5 levels', nested(5)],
    ['20 conditions', many(20)],
    ['the longest verb', { sum: { verb: `a${'-'.repeat(63)}`, gte: 100_000_000 } }],
  ])('accepts %s', (_, value) => {
    expect(readRule(value)).toEqual(value);
  });

  it.each<[string, unknown]>([
    [`rule ${FORMS}`, null],
    [`rule ${FORMS}`, 'all'],
    [`rule ${FORMS}`, []],
    [`rule ${FORMS}`, {}],
    [`rule ${FORMS}`, JSON.parse('{"__proto__": {"gte": 1}}')],
    [`rule ${FORMS}`, { constructor: { gte: 1 } }],
    [`rule ${FORMS}`, { streak: { gte: 1 }, sum: { verb: 'a', gte: 1 } }],
    ['rule.all must be a list of one or more rules', { all: [] }],
    ['rule.any must be a list of one or more rules', { any: { streak: { gte: 1 } } }],
    [`rule.any[1].all[0] ${FORMS}`, { any: [{ streak: { gte: 1 } }, { all: [7] }] }],
    ['rule.streak must be an object with the members gte', { streak: 1 }],
    ['rule.count has an unknown member; its members are verb, gte, distinct', { count: { verb: 'a', gte: 1, x: 1 } }],
    ['rule.sum has an unknown member; its members are verb, gte', { sum: { verb: 'a', gte: 1, distinct: 'date' } }],
    ['rule.count.distinct must be "object" or "date"', { count: { verb: 'a', gte: 1, distinct: null } }],
    ['rule.count.verb must match ^[a-z][a-z0-9_.-]{0,63}$', { count: { gte: 1 } }],
    ['rule.count.verb must match ^[a-z][a-z0-9_.-]{0,63}$', { count: { verb: `a${'b'.repeat(64)}`, gte: 1 } }],
    ['rule.count.verb must match ^[a-z][a-z0-9_.-]{0,63}$', { count: { verb: 'a\n', gte: 1 } }],
    ['rule.badge.key must match ^[a-z0-9][a-z0-9-]{1,62}$', { badge: { key: 'A' } }],
    ['rule must have at most 20 conditions', many(21)],
    ['rule must have at most 20 conditions', many(50_000)],
    ['rule.all[0].all[0].all[0].all[0].all[0] is too deep: a rule has at most 5 levels', nested(6)],
    ['rule.all[0].all[0].all[0].all[0].all[0] is too deep: a rule has at most 5 levels', nested(2000)],
    ...[0, -1, 1.5, '3', null, true, [1], 1e9, Number.POSITIVE_INFINITY, Number.NaN].map((value): [string, unknown] => [
      'rule.all[1].streak.gte must be an integer from 1 to 100000000',
      { all: [{ streak: { gte: 1 } }, { streak: { gte: value } }] },
    ]),
  ])('is BAD_USER_INPUT: %s', (message, value) => {
    expect(() => readRule(value)).toThrow(expect.objectContaining({ code: 'BAD_USER_INPUT', field: 'rule', message }));
  });

  it('reads a rule of 20 conditions in each of 4 levels no further than 20 conditions', () => {
    let wide: unknown = { streak: { gte: 1 } };
    for (let level = 0; level < 4; level++) wide = { any: Array(500).fill(wide) };
    expect(() => readRule(wide)).toThrow('rule must have at most 20 conditions');
  });
});
