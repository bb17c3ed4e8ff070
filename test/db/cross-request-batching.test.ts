import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import type { Db } from '../../src/db/client.ts';
import { openDatabase } from '../../src/db/client.ts';
import { sql } from '../../src/db/driver/drizzle.ts';
import { type BatchQuery, batchAcrossRequests } from '../../src/db/query/cross-request-batching.ts';
import { preparedQuery, textArray } from '../../src/db/query/prepared-query.ts';
import { it as base, describe, expect } from '../support/fixtures.ts';

const answers = { text: sql<string>`text`.mapWith(String) };
const query = preparedQuery(answers, () => ({
  toSQL: () => ({
    sql: 'select key || $2 as text from unnest($1::text[]) with ordinality as requested(key, ordinality) order by ordinality',
    params: [sql.placeholder('keys'), sql.placeholder('ending')],
  }),
}));
const queryKeys: BatchQuery<string, string> = async (db, keys, values) => {
  const rows = await query(db, { ...values, keys: textArray(keys) });
  return rows.map(({ text }) => text);
};

const it = base.extend('pool', async ({ db }, { onCleanup }) => {
  const sent: string[][] = [];
  const statements: string[] = [];
  const database = openDatabase({ url: db.url, poolSize: 4, onQuery: (text) => statements.push(text) });
  onCleanup(() => database.close(1));
  const batched = batchAcrossRequests<string, string>((on, keys, values) => {
    sent.push([...keys]);
    return queryKeys(on, keys, values);
  });
  const load = (keys: string[], ending = '!', on: Db = database.db) => batched(on, keys, { ending });
  return { db: database.db, load, sent, statements };
});

describe('loads of one event loop turn', () => {
  it('share a statement, and each resolves with its own rows', async ({ pool }) => {
    const found = await Promise.all([pool.load(['ada']), pool.load(['bob', 'ada']), pool.load(['eve'])]);
    expect(found).toEqual([['ada!'], ['bob!', 'ada!'], ['eve!']]);
    expect(pool.sent).toEqual([['ada', 'bob', 'ada', 'eve']]);
    expect(pool.statements).toHaveLength(1);
  });

  it('share it only with loads of the same arguments', async ({ pool }) => {
    const found = await Promise.all([pool.load(['ada'], '?'), pool.load(['ada']), pool.load(['bob'], '?')]);
    expect(found).toEqual([['ada?'], ['ada!'], ['bob?']]);
    expect(pool.sent).toEqual([['ada', 'bob'], ['ada']]);
  });

  it('do not wait for loads of the next turn', async ({ pool }) => {
    const first = pool.load(['ada']);
    await nextTurn();
    expect(pool.sent).toEqual([['ada']]);
    const second = pool.load(['bob']);
    expect(await Promise.all([first, second])).toEqual([['ada!'], ['bob!']]);
    expect(pool.sent).toEqual([['ada'], ['bob']]);
  });

  it('share a statement with at most 24 loads', async ({ pool }) => {
    await Promise.all(Array.from({ length: 60 }, (_, n) => pool.load([`${n}`])));
    expect(pool.sent.map(({ length }) => length)).toEqual([24, 24, 12]);
  });

  it('are sent at once and alone with more than two keys', async ({ pool }) => {
    const many = Array.from({ length: 3 }, (_, n) => `${n}`);
    const found = pool.load(many);
    expect(pool.sent).toEqual([many]);
    expect(await found).toEqual(many.map((key) => `${key}!`));
  });

  it('all fail with their statement, without an effect on the next turn', async ({ pool }) => {
    // PostgreSQL rejects NUL in text.
    const ending = '\0';
    const failed = await Promise.allSettled([pool.load(['ada'], ending), pool.load(['bob'], ending)]);
    expect(failed).toMatchObject([
      { status: 'rejected', reason: { code: '22021' } },
      { status: 'rejected', reason: { code: '22021' } },
    ]);
    expect(await pool.load(['ada'])).toEqual(['ada!']);
  });
});

it('a transaction has its own batches and reads its own writes', async ({ pool, db }) => {
  const count = batchAcrossRequests<string, number>(async (on, keys) => {
    const rows = await preparedQuery({ n: sql<number>`n`.mapWith(Number) }, () => ({
      toSQL: () => ({ sql: 'select count(*) as n from auth_users where id = any($1)', params: [textArray(keys)] }),
    }))(on, {});
    return keys.map(() => rows[0]?.n ?? -1);
  });
  const counts = await pool.db.transaction(async (tx) => {
    await tx.execute(sql`insert into auth_users (id) values ('uncommitted')`);
    const ids = ['uncommitted'];
    return Promise.all([count(tx as unknown as Db, ids, {}), count(pool.db, ids, {})]);
  });
  expect(counts).toEqual([[1], [0]]);
  await db.sql`delete from auth_users where id = 'uncommitted'`;
});

/** Loads that can share a statement, with a few that cannot. */
const loads = fc.array(
  fc.record({
    keys: fc.oneof(
      { weight: 9, arbitrary: fc.array(fc.stringMatching(/^[a-z0-9]{1,8}$/), { minLength: 1, maxLength: 2 }) },
      { weight: 1, arbitrary: fc.array(fc.stringMatching(/^[a-z0-9]{1,8}$/), { minLength: 3, maxLength: 45 }) },
    ),
    ending: fc.constantFrom('!', '!', '!', '!', '?', ','),
    startsTurn: fc.oneof({ weight: 19, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  }),
  { minLength: 40, maxLength: 60 },
);

it('loads of any keys, arguments and turns resolve with their own rows, at most 24 by a statement', async ({
  pool,
}) => {
  const sizes = new Set<number>();
  await fc.assert(
    fc.asyncProperty(loads, fc.boolean(), async (generated, areDistinct) => {
      // The keys of distinct loads name their load, so that the loads of a statement can be counted.
      const keysOf = (keys: string[], load: number) => (areDistinct ? keys.map((key) => `${load}-${key}`) : keys);
      const requests = generated.map(({ keys, ...request }, load) => ({ ...request, keys: keysOf(keys, load) }));
      const found: Promise<string[]>[] = [];
      for (const { keys, ending, startsTurn } of requests) {
        if (startsTurn) await nextTurn();
        found.push(pool.load(keys, ending));
      }
      expect(await Promise.all(found)).toEqual(requests.map(({ keys, ending }) => keys.map((key) => key + ending)));
      for (const keys of pool.sent.splice(0)) {
        expect(keys.length).toBeLessThanOrEqual(48);
        if (areDistinct) sizes.add(new Set(keys.map((key) => key.split('-')[0])).size);
      }
    }),
    { numRuns: 60 },
  );
  expect(Math.max(...sizes)).toBe(24);
});
