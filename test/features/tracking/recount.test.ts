import fc from 'fast-check';
import { vi } from 'vitest';
import type { TestDatabase } from '../../support/database.ts';
import { describe, expect, it } from '../../support/fixtures.ts';
import { type Tracker, trackerOf } from '../awards/tracker.ts';
import { type CountedActivity, mondayOf, type RuleInput, recount } from './recount.ts';

interface Definition {
  repeat: string;
  rule: RuleInput;
}

const FIRST_TIME = Date.UTC(2026, 1, 20);
const HOUR_MS = 3_600_000;
const verb = fc.constantFrom('read', 'write');

const activityLeaf = fc.oneof(
  fc.record({
    count: fc.record(
      { verb, gte: fc.integer({ min: 1, max: 5 }), distinct: fc.constantFrom('object', 'date') },
      { requiredKeys: ['verb', 'gte'] },
    ),
  }),
  fc.record({ sum: fc.record({ verb, gte: fc.integer({ min: 1, max: 12 }) }) }),
);
const leaf = fc.oneof(activityLeaf, fc.record({ streak: fc.record({ gte: fc.integer({ min: 1, max: 4 }) }) }));
const ruleOf = (part: fc.Arbitrary<RuleInput>): fc.Arbitrary<RuleInput> => {
  const parts = fc.array(part, { minLength: 1, maxLength: 3 });
  return fc.oneof(part, fc.record({ all: parts }), fc.record({ any: parts }));
};
const definition: fc.Arbitrary<Definition> = fc.oneof(
  fc.record({ repeat: fc.constantFrom('WEEKLY', 'MONTHLY'), rule: ruleOf(activityLeaf as fc.Arbitrary<RuleInput>) }),
  fc.record({ repeat: fc.constantFrom('ONCE', 'PER_STREAK'), rule: ruleOf(leaf as fc.Arbitrary<RuleInput>) }),
);

/** No two activities have the same time, so that the ids do not decide. */
const history: fc.Arbitrary<CountedActivity[]> = fc
  .uniqueArray(
    fc.record(
      {
        hour: fc.integer({ min: 0, max: 24 * 24 }),
        verb,
        quantity: fc.integer({ min: 1, max: 4 }),
        objectId: fc.constantFrom('a', 'b', 'c'),
      },
      { requiredKeys: ['hour', 'verb', 'quantity'] },
    ),
    { minLength: 1, maxLength: 14, selector: ({ hour }) => hour },
  )
  .map((items) =>
    items.map(({ hour, ...item }) => {
      const occurredAt = new Date(FIRST_TIME + hour * HOUR_MS).toISOString().replace('.000Z', 'Z');
      return { ...item, occurredAt } as CountedActivity;
    }),
  );

const settings = (numRuns: number) => ({ seed: 20_260_301, numRuns });
const newUser = () => `u-${crypto.randomUUID()}`;

/** Returns the awards by their keys; the key of a week is its Monday. */
async function awardsOf({ sql }: TestDatabase, userId: string, key: string): Promise<Record<string, string>> {
  const rows = await sql`
    select award_key as key, to_char(date_achieved at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as at from badges
    where auth_user_id = ${userId} and definition_key = ${key}`;
  return Object.fromEntries(
    rows.map(({ key: awardKey, at }) => [awardKey.includes('-W') ? mondayOf(String(at).slice(0, 10)) : awardKey, at]),
  );
}

const byTime = (items: readonly CountedActivity[]) => items.toSorted((a, b) => (a.occurredAt < b.occurredAt ? -1 : 1));

async function define(tracker: Tracker, definitions: readonly Definition[]): Promise<string[]> {
  return Promise.all(definitions.map(({ rule, repeat }) => tracker.define(rule, { repeat })));
}

async function archive(tracker: Tracker, keys: readonly string[]) {
  await Promise.all(keys.map((key) => tracker.update({ key, state: 'ARCHIVED' })));
}

describe('the badges of a history', () => {
  it('equal a naive recount, recorded one by one in order or in one batch', async ({ service, auth, db }) => {
    const tracker = await trackerOf(service, auth);
    const values = [fc.array(definition, { minLength: 2, maxLength: 4 }), history] as const;
    const property = fc.asyncProperty(...values, async (definitions, items) => {
      const keys = await define(tracker, definitions);
      const [single, batch] = [newUser(), newUser()];
      await tracker.recordMany(batch, items);
      for (const item of byTime(items)) await tracker.record(single, item);
      for (const [index, { rule, repeat }] of definitions.entries()) {
        const expected = recount(rule, repeat, items);
        expect(await awardsOf(db, single, keys[index] ?? '')).toEqual(expected);
        expect(await awardsOf(db, batch, keys[index] ?? '')).toEqual(expected);
      }
      await archive(tracker, keys);
    });
    await fc.assert(property, settings(40));
  }, 240_000);

  it('have the keys of a naive recount, recorded in any order', async ({ service, auth, db }) => {
    const tracker = await trackerOf(service, auth);
    const fixed = definition.filter(({ repeat }) => repeat !== 'PER_STREAK');
    const property = fc.asyncProperty(
      fc.array(fixed, { minLength: 2, maxLength: 4 }),
      history,
      async (definitions, items) => {
        const keys = await define(tracker, definitions);
        const userId = newUser();
        for (const item of items) await tracker.record(userId, item);
        for (const [index, { rule, repeat }] of definitions.entries()) {
          const awards = await awardsOf(db, userId, keys[index] ?? '');
          expect(Object.keys(awards).sort()).toEqual(Object.keys(recount(rule, repeat, items)).sort());
        }
        await archive(tracker, keys);
      },
    );
    await fc.assert(property, settings(25));
  }, 120_000);

  it('equal a naive recount after a backfill', async ({ service, auth, db }) => {
    const tracker = await trackerOf(service, auth);
    const users: { userId: string; items: CountedActivity[] }[] = [];
    for (const items of fc.sample(history, settings(25))) {
      const userId = newUser();
      users.push({ userId, items });
      await tracker.recordMany(userId, items);
    }
    for (const { rule, repeat } of fc.sample(definition, settings(12))) {
      const key = await tracker.define(rule, { repeat });
      await tracker.query('mutation($key: ID!) { startBadgeBackfill(input: { key: $key }) { backfill { id } } }', {
        key,
      });
      const isFinished = async () =>
        (await db.sql`select 1 from badge_backfills where definition_key = ${key} and finished_at is not null`)
          .length === 1;
      await vi.waitUntil(isFinished, { timeout: 30_000 });
      for (const { userId, items } of users) {
        expect(await awardsOf(db, userId, key)).toEqual(recount(rule, repeat, items));
      }
      await archive(tracker, [key]);
    }
  }, 120_000);
});
