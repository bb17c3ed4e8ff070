import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import esm from 'postgres';
import { describe, expect, it } from '../support/fixtures.ts';
import { createProxy } from '../support/proxy.ts';

/** The builds that `import` and `require` load. */
const builds = { esm, cjs: createRequire(import.meta.url)('postgres') as typeof esm };

for (const [name, postgres] of Object.entries(builds)) {
  describe(`in the patched ${name} build of postgres.js,`, () => {
    const connect = (url: string) => postgres(url, { max: 1, fetch_types: false, backoff: () => 0.05 });

    it('a connection that ends before its start-up rejects its query', async ({ db, onTestFinished }) => {
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

    it('a transaction whose connection is lost cannot continue on another', async ({ db }) => {
      const sql = connect(db.url);
      const lateInsert = Promise.withResolvers<unknown>();
      const transaction = sql.begin(async (tx) => {
        const [row] = await tx<{ pid: number }[]>`select pg_backend_pid() as pid`;
        await db.sql`select pg_terminate_backend(${row?.pid ?? 0})`;
        // Runs on the pool's only connection, which is replaced for it.
        await sql`select 1`;
        const insert = tx`insert into auth_users (id) values (${name})`.execute();
        lateInsert.resolve(insert);
        await insert;
      });
      await expect(transaction).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' });
      await expect(lateInsert.promise).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' });
      expect(await sql`select id from auth_users where id = ${name}`).toEqual([]);
      await sql.end();
    });

    it('a query has the socket that it was sent on', async ({ db }) => {
      const sql = connect(db.url);
      const statement = sql`select pg_sleep(0.01)`;
      expect(statement).not.toHaveProperty('socket');
      await statement;
      expect(statement).toHaveProperty('socket.remotePort', Number(new URL(db.url).port));
      await sql.end();
    });

    it('a query is written in the event loop turn in which it is executed', async ({ db }) => {
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

    it('bytes of a result are not overwritten by later reads', async ({ db }) => {
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

    it('reads allocate no memory outside of the heap', async ({ db }) => {
      const sql = connect(db.url);
      const read = () => sql`select repeat('x', 50000)`;
      await read();
      const before = process.memoryUsage().arrayBuffers;
      for (let i = 0; i < 100; i++) await read();
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000);
      await sql.end();
    });

    it('a query that is cancelled before its connection is open leaves the connection to others', async ({ db }) => {
      const sql = connect(db.url);
      const cancelled = sql`select 1`.execute();
      await Promise.resolve().then(() => undefined);
      cancelled.cancel();
      await expect(cancelled).rejects.toMatchObject({ code: '57014' });
      expect(await sql`select 1 as one`).toEqual([{ one: 1 }]);
      await sql.end();
    });
  });
}

/** Returns the size of the live heap in bytes. */
function heapUsed(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage().heapUsed;
}

it.for(['src', 'cjs/src'])('a queue in %s that is never empty retains only its items', async (folder) => {
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
