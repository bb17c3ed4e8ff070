import type { Socket } from 'node:net';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { ISql, Sql } from 'postgres';
import { describe, expect } from '../support/fixtures.ts';
import { it } from './driver.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: (options: { type: 'minor' | 'major' }) => void = runInNewContext('gc');

const TIMES = 2000;

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
  it.for<[name: string, act: (sql: Sql) => Promise<unknown>, mostBytes: number]>([
    ['a query', select, 800],
    ['a transaction', (sql) => sql.begin(select), 1000],
  ])('leaves almost no long-lived objects after %s', async ([, act, mostBytes], { db, connect }) => {
    const sql = connect(db.url);
    const actOften = async () => {
      for (let i = 0; i < TIMES; i++) {
        await act(sql);
        if (i % 100 === 0) collectGarbage({ type: 'minor' });
      }
      collectGarbage({ type: 'minor' });
    };
    await actOften();
    collectGarbage({ type: 'major' });
    const before = longLivedBytes();
    await actOften();
    expect((longLivedBytes() - before) / TIMES).toBeLessThan(mostBytes);
  });
});

/** Returns the size of the live buffers outside of the heap, in bytes. */
function buffersInUse(): number {
  collectGarbage({ type: 'major' });
  return process.memoryUsage().arrayBuffers;
}

function longLivedBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name: name }) => name === 'old_space')?.space_used_size ?? 0;
}
