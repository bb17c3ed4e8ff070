import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import esm from 'postgres';
import { describe, expect, it } from '../support/fixtures.ts';
import { createProxy } from '../support/proxy.ts';

/** What Node imports, and what it requires. */
const builds = { esm, cjs: createRequire(import.meta.url)('postgres') as typeof esm };

for (const [name, postgres] of Object.entries(builds)) {
  describe(`patches/ are applied to the ${name} build of postgres.js: there`, () => {
    const connect = (url: string) => postgres(url, { max: 1, fetch_types: false, backoff: () => 0.05 });

    it('a connection that ends before it begins fails its statement', async ({ db, onTestFinished }) => {
      const proxy = await createProxy(db.url);
      onTestFinished(() => proxy.close());
      proxy.onConnect = 'end';
      await proxy.open();
      const sql = connect(proxy.url);
      await expect(sql`select 1`.execute()).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' });
      proxy.clearFaults();
      expect(await sql`select 1 as one`).toEqual([{ one: 1 }]);
      await sql.end();
    });

    it('a transaction whose connection is gone cannot go on, not even on another', async ({ db }) => {
      const sql = connect(db.url);
      const work = Promise.withResolvers<unknown>();
      const transaction = sql.begin(async (tx) => {
        const [row] = await tx<{ pid: number }[]>`select pg_backend_pid() as pid`;
        await db.sql`select pg_terminate_backend(${row?.pid ?? 0})`;
        // Runs on the pool's one connection, which is made anew for it.
        await sql`select 1`;
        const goneOn = tx`insert into auth_users (id) values (${name})`.execute();
        work.resolve(goneOn);
        await goneOn;
      });
      await expect(transaction).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' });
      await expect(work.promise).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' });
      expect(await sql`select id from auth_users where id = ${name}`).toEqual([]);
      await sql.end();
    });

    it('a statement knows its socket once it is sent', async ({ db }) => {
      const sql = connect(db.url);
      const statement = sql`select pg_sleep(0.01)`;
      expect(statement).not.toHaveProperty('socket');
      await statement;
      expect(statement).toHaveProperty('socket.remotePort', Number(new URL(db.url).port));
      await sql.end();
    });

    it('a statement is written in the turn of the event loop that it is asked for in', async ({ db }) => {
      const sql = connect(db.url);
      const first = sql`select 1`;
      await first;
      const { socket } = first as unknown as { socket: Socket };
      const before = socket.bytesWritten;
      const turn = new Promise((resolve) => setImmediate(() => resolve(socket.bytesWritten - before)));
      const second = sql`select 1`.execute();
      expect(await turn).toBeGreaterThan(0);
      await second;
      await sql.end();
    });

    it('bytes that are given out stay what they were when more is read', async ({ db }) => {
      const sql = connect(db.url);
      const texts = Array.from({ length: 3000 }, (_, n) => `${n} `.repeat(20));
      const lines = sql`select repeat(n || ' ', 20) from generate_series(0, 2999) as n`;
      const rows = await sql`${lines}`.raw();
      expect(rows.map(([bytes]) => String(bytes))).toEqual(texts);
      const copy = await sql`copy (${lines}) to stdout`.readable();
      const chunks: Buffer[] = await copy.toArray();
      expect(String(Buffer.concat(chunks))).toBe(texts.map((line) => `${line}\n`).join(''));
      await sql.end();
    });

    it('reading makes no garbage outside of the heap', async ({ db }) => {
      const sql = connect(db.url);
      const read = () => sql`select repeat('x', 50000)`;
      await read();
      const before = process.memoryUsage().arrayBuffers;
      for (let i = 0; i < 100; i++) await read();
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000);
      await sql.end();
    });

    it('a statement that nobody awaits any more does not keep its new connection from others', async ({ db }) => {
      const sql = connect(db.url);
      const abandoned = sql`select 1`.execute();
      await Promise.resolve().then(() => undefined);
      abandoned.cancel();
      await expect(abandoned).rejects.toMatchObject({ code: '57014' });
      expect(await sql`select 1 as one`).toEqual([{ one: 1 }]);
      await sql.end();
    });
  });
}

/** What is alive, in bytes. */
function heapUsed(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage().heapUsed;
}

it.for(['src', 'cjs/src'])('a queue in %s that is never empty holds no more than what is in it', async (folder) => {
  const module = await import(new URL(`../../node_modules/postgres/${folder}/queue.js`, import.meta.url).href);
  const queue = module.default([0]);
  const before = heapUsed();
  for (let i = 1; i <= 1_000_000; i++) {
    queue.push(i);
    if (queue.shift() !== i - 1) throw new Error('out of order');
  }
  expect(queue.length).toBe(1);
  expect(heapUsed() - before).toBeLessThan(2_000_000);
});
