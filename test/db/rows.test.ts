import fc from 'fast-check';
import { openDatabase } from '../../src/db/client.ts';
import { sql } from '../../src/db/driver/drizzle.ts';
import { preparedQuery } from '../../src/db/query/prepared-query.ts';
import type { Selection } from '../../src/db/query/row-decoder.ts';
import { learningGoals } from '../../src/db/schema/goals.ts';
import { GOAL_STATUSES } from '../../src/features/goals/goal.ts';
import { it as base, describe, expect } from '../support/fixtures.ts';
import { createProxy } from '../support/proxy.ts';

const columns = {
  id: learningGoals.id,
  userId: learningGoals.authUserId,
  title: learningGoals.title,
  description: learningGoals.description,
  status: learningGoals.status,
  streakCount: learningGoals.streakCount,
  completedAt: learningGoals.completedAt,
};

interface Row {
  id: number;
  userId: string;
  title: string;
  description: string | null;
  status: string;
  streakCount: number;
  completedAt: string | null;
}

/** Selects the rows from JSON, with the types of the columns. */
const select = (rows: readonly Row[]) => ({
  toSQL: () => ({
    sql: `select * from json_to_recordset($1) as row(id bigint, "userId" text, title text, description text,
      status text, "streakCount" int, "completedAt" timestamptz)`,
    params: [JSON.stringify(rows)],
  }),
});

/** A pool of one connection through a proxy that can split results. */
const it = base.extend('connection', async ({ db }, { onCleanup }) => {
  const proxy = await createProxy(db.url);
  await proxy.open();
  const database = openDatabase({ url: proxy.url, poolSize: 1 });
  onCleanup(async () => {
    await database.close(1);
    await proxy.close();
  });
  const read = async (rows: readonly Row[]) => [...(await preparedQuery(columns, () => select(rows))(database.db, {}))];
  return { proxy, db: database.db, read };
});

/** Text of PostgreSQL has no NUL. Its fractions of seconds have no trailing zeros. */
const text = fc.string({ unit: 'binary', maxLength: 40 }).filter((value) => !value.includes('\0'));
const instant = fc
  .tuple(
    fc.date({ min: new Date('0001-01-02'), max: new Date('9999-12-30'), noInvalidDate: true }),
    fc.integer({ min: 0, max: 999_999 }),
  )
  .map(([date, micros]) => {
    const fraction = `.${String(micros).padStart(6, '0')}`.replace(/\.?0+$/, '');
    return `${date.toISOString().slice(0, 19)}${fraction}Z`;
  });
const row: fc.Arbitrary<Row> = fc.record(
  {
    id: fc.maxSafeInteger(),
    userId: text,
    title: text,
    description: fc.option(text),
    status: fc.oneof(fc.constantFrom(...GOAL_STATUSES, 'paused!', 'archive', 'in-pr\u00f6gress'), text),
    streakCount: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
    completedAt: fc.option(instant),
  },
  { noNullPrototype: true },
);

describe('a row', () => {
  it('has the values of PostgreSQL, for any values', async ({ connection }) => {
    const same = async (rows: readonly Row[]) => {
      expect(await connection.read(rows)).toStrictEqual(rows);
    };
    await fc.assert(fc.asyncProperty(fc.array(row, { maxLength: 20 }), same), { numRuns: 200, seed: 16 });
  });

  it.for([1, 2, 3, 7, 64, 1000])('is reassembled from pieces of %i bytes', async (sliceBytes, { connection }) => {
    // A query has 1.8 s, and the proxy sends each piece by itself.
    const rows = fc.sample(row, { numRuns: sliceBytes > 3 ? 12 : 3, seed: sliceBytes });
    connection.proxy.sliceBytes = sliceBytes;
    expect(await connection.read(rows)).toStrictEqual(rows);
  });

  it('can be larger than one read of the socket', async ({ connection }) => {
    const [one] = fc.sample(row, { numRuns: 1, seed: 1 });
    const rows = ['é'.repeat(200_000), 'short', 'x'.repeat(70_000)].map((title) => ({ ...one, title }) as Row);
    expect(await connection.read(rows)).toStrictEqual(rows);
  });

  it('that cannot be decoded rejects its query, and the connection remains usable', async ({ connection }) => {
    const rejectTwo = (value: string): string => {
      if (value === '2') throw new Error(`no ${value}`);
      return value;
    };
    const selection: Selection = { value: sql`n::text`.mapWith(rejectTwo) };
    const run = preparedQuery(selection, () => ({
      toSQL: () => ({ sql: 'select n::text from generate_series(1, $1::int) as n', params: [3] }),
    }));
    await expect(run(connection.db, {})).rejects.toThrow('no 2');
    const rows = fc.sample(row, { numRuns: 3, seed: 3 });
    expect(await connection.read(rows)).toStrictEqual(rows);
  });

  it('that precedes an error does not appear in the next result', async ({ connection }) => {
    const quotients = preparedQuery({ id: learningGoals.id }, () => ({
      toSQL: () => ({ sql: 'select 12 / ($1::int - n) from generate_series(1, 10) as n', params: [4] }),
    }));
    await expect(quotients(connection.db, {})).rejects.toMatchObject({ code: '22012' });
    const rows = fc.sample(row, { numRuns: 3, seed: 3 });
    expect(await connection.read(rows)).toStrictEqual(rows);
  });
});

it('a column of a type without a decoder is rejected when the query is prepared', async ({ connection }) => {
  const selection: Selection = { value: Object.create(learningGoals.id, { getSQLType: { value: () => 'point' } }) };
  await expect(preparedQuery(selection, () => select([]))(connection.db, {})).rejects.toThrow(
    'no decoder for columns of type point',
  );
});
