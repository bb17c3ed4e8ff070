import { setImmediate as turnOver } from 'node:timers/promises';
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
    sql: 'select key || $2 as text from unnest($1::text[]) with ordinality as asked(key, place) order by place',
    params: [sql.placeholder('keys'), sql.placeholder('ending')],
  }),
}));
const ask: BatchQuery<string, string> = async (db, keys, values) => {
  const rows = await query(db, { ...values, keys: textArray(keys) });
  return rows.map(({ text }) => text);
};

const it = base.extend('pool', async ({ db }, { onCleanup }) => {
  const sent: string[][] = [];
  const statements: string[] = [];
  const database = openDatabase({ url: db.url, poolSize: 4, onQuery: (text) => statements.push(text) });
  onCleanup(() => database.close(1));
  const share = batchAcrossRequests<string, string>((on, keys, values) => {
    sent.push([...keys]);
    return ask(on, keys, values);
  });
  const askFor = (keys: string[], ending = '!', on: Db = database.db) => share(on, keys, { ending });
  return { db: database.db, askFor, sent, statements };
});

describe('requests of one turn', () => {
  it('share a statement, and each gets what it asked for', async ({ pool }) => {
    const found = await Promise.all([pool.askFor(['ada']), pool.askFor(['bob', 'ada']), pool.askFor(['eve'])]);
    expect(found).toEqual([['ada!'], ['bob!', 'ada!'], ['eve!']]);
    expect(pool.sent).toEqual([['ada', 'bob', 'ada', 'eve']]);
    expect(pool.statements).toHaveLength(1);
  });

  it('share it with whoever asks as they do, and with nobody else', async ({ pool }) => {
    const found = await Promise.all([pool.askFor(['ada'], '?'), pool.askFor(['ada']), pool.askFor(['bob'], '?')]);
    expect(found).toEqual([['ada?'], ['ada!'], ['bob?']]);
    expect(pool.sent).toEqual([['ada', 'bob'], ['ada']]);
  });

  it('wait for none of the next', async ({ pool }) => {
    const first = pool.askFor(['ada']);
    await turnOver();
    expect(pool.sent).toEqual([['ada']]);
    const second = pool.askFor(['bob']);
    expect(await Promise.all([first, second])).toEqual([['ada!'], ['bob!']]);
    expect(pool.sent).toEqual([['ada'], ['bob']]);
  });

  it('are 24 at the most', async ({ pool }) => {
    await Promise.all(Array.from({ length: 60 }, (_, n) => pool.askFor([`${n}`])));
    expect(pool.sent.map(({ length }) => length)).toEqual([24, 24, 12]);
  });

  it('do not wait for one that has more keys alone', async ({ pool }) => {
    const many = Array.from({ length: 21 }, (_, n) => `${n}`);
    const found = pool.askFor(many);
    expect(pool.sent).toEqual([many]);
    expect(await found).toEqual(many.map((key) => `${key}!`));
  });

  it('all fail with the statement, and those of the next turn do not', async ({ pool }) => {
    // No text of PostgreSQL's.
    const ending = '\0';
    const failed = await Promise.allSettled([pool.askFor(['ada'], ending), pool.askFor(['bob'], ending)]);
    expect(failed).toMatchObject([
      { status: 'rejected', reason: { code: '22021' } },
      { status: 'rejected', reason: { code: '22021' } },
    ]);
    expect(await pool.askFor(['ada'])).toEqual(['ada!']);
  });
});

it('a transaction shares with nobody, and sees what it has written', async ({ pool, db }) => {
  const count = batchAcrossRequests<string, number>(async (on, keys) => {
    const rows = await preparedQuery({ n: sql<number>`n`.mapWith(Number) }, () => ({
      toSQL: () => ({ sql: 'select count(*) as n from auth_users where id = any($1)', params: [textArray(keys)] }),
    }))(on, {});
    return keys.map(() => rows[0]?.n ?? -1);
  });
  const counts = await pool.db.transaction(async (tx) => {
    await tx.execute(sql`insert into auth_users (id) values ('written-and-not-committed')`);
    const ids = ['written-and-not-committed'];
    return Promise.all([count(tx as unknown as Db, ids, {}), count(pool.db, ids, {})]);
  });
  expect(counts).toEqual([[1], [0]]);
  await db.sql`delete from auth_users where id = 'written-and-not-committed'`;
});

it('whatever is asked for in whichever turns, everybody gets their own', async ({ pool }) => {
  const request = fc.record({
    keys: fc.array(fc.stringMatching(/^[a-z0-9]{1,8}$/), { minLength: 1, maxLength: 45 }),
    ending: fc.constantFrom('!', '?', ','),
    opensTurn: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(request, { maxLength: 60 }), async (requests) => {
      const found: Promise<string[]>[] = [];
      for (const { keys, ending, opensTurn } of requests) {
        if (opensTurn) await turnOver();
        found.push(pool.askFor(keys, ending));
      }
      expect(await Promise.all(found)).toEqual(requests.map(({ keys, ending }) => keys.map((key) => key + ending)));
      for (const keys of pool.sent.splice(0)) expect(keys.length).toBeLessThanOrEqual(24 * 20);
    }),
    { numRuns: 60 },
  );
});
