import type { Socket } from 'node:net';
import type { ISql, Sql } from 'postgres';
import { describe, expect } from '../support/fixtures.ts';
import { collectGarbage, longLivedBytesOf } from '../support/garbage-collection.ts';
import { createTripCounter } from '../support/trip-counter.ts';
import { it } from './driver.ts';

function select(sql: ISql): Promise<unknown> {
  return sql.unsafe(`select n, 'Badge ' || n from generate_series($1, 10) as n`, [1], { prepare: true });
}

describe('patches/postgres+3.4.9+002+speed', () => {
  it('writes a query in the turn of the event loop in which it is executed', async ({ db, connect }) => {
    const sql = connect(db.url);
    const first = sql`select 1`;
    await first;
    const { socket } = first as unknown as { socket: Socket };
    const before = socket.bytesWritten;
    const turn = new Promise((resolve) => setImmediate(() => resolve(socket.bytesWritten - before)));
    const second = sql`select 1`.execute();
    expect(await turn).toBeGreaterThan(0);
    await second;
  });

  it('sends a query that follows a long one without a wait', async ({ db, connect, onTestFinished }) => {
    const trips = await createTripCounter(db.url);
    onTestFinished(() => trips.close());
    const sql = connect(trips.url, { max: 1 });
    const run = () => Promise.all([sql`select length(${'x'.repeat(2000)}::text)`, select(sql)]);
    for (let n = 0; n < 3; n++) await run();
    trips.take();
    for (let n = 0; n < 10; n++) await run();
    expect(trips.take()).toBe(10);
  });

  it('prepares a text once for each list of parameter types', async ({ db, connect }) => {
    const sql = connect(db.url, { max: 1 });
    const text = 'select pg_typeof($1)::text as type, count(*)::int as statements from pg_prepared_statements';
    const run = async (value: boolean | Date) => (await sql.unsafe(text, [value], { prepare: true }))[0];
    expect([await run(true), await run(new Date(0)), await run(false), await run(new Date(1))]).toEqual([
      { type: 'boolean', statements: 1 },
      { type: 'timestamp with time zone', statements: 2 },
      { type: 'boolean', statements: 2 },
      { type: 'timestamp with time zone', statements: 2 },
    ]);
  });

  it('returns bytes that later reads do not overwrite', async ({ db, connect }) => {
    const sql = connect(db.url);
    const texts = Array.from({ length: 3000 }, (_, n) => `${n} `.repeat(20));
    const lines = sql`select repeat(n || ' ', 20) from generate_series(0, 2999) as n`;
    const rows = await sql`${lines}`.raw();
    expect(rows.map(([bytes]) => String(bytes))).toEqual(texts);
    const copy = await sql`copy (${lines}) to stdout`.readable();
    const chunks: Buffer[] = await copy.toArray();
    expect(String(Buffer.concat(chunks))).toBe(texts.map((line) => `${line}\n`).join(''));
  });

  it('reads responses without allocations outside of the heap', async ({ db, connect }) => {
    const sql = connect(db.url);
    const read = () => sql`select repeat('x', 50000)`;
    await read();
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 100; i++) await read();
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000);
  });

  it('frees the memory of a large response', async ({ db, connect }) => {
    const sql = connect(db.url);
    await sql`select 1`;
    const before = buffersInUse();
    const [large] = await sql<{ text: string }[]>`select repeat('x', 20000000) as text`;
    expect(large?.text).toHaveLength(20_000_000);
    await expect.poll(() => buffersInUse() - before, { timeout: 10_000 }).toBeLessThan(1_000_000);
  });

  // Without the patch, a query leaves 2,000 bytes and a transaction 6,000.
  it.for<[name: string, act: (sql: Sql) => Promise<unknown>, limit: number]>([
    ['a query', select, 800],
    ['a transaction', (sql) => sql.begin(select), 1000],
  ])('leaves almost no long-lived objects after %s', async ([, act, limit], { db, connect }) => {
    const sql = connect(db.url);
    expect(await longLivedBytesOf(() => act(sql), limit)).toBeLessThan(limit);
  });
});

/** Returns the size of the live buffers outside of the heap, in bytes. */
function buffersInUse(): number {
  collectGarbage();
  return process.memoryUsage().arrayBuffers;
}
