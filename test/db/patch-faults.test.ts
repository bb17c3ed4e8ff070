import { once } from 'node:events';
import { type AddressInfo, connect as connectTo, createServer, type Socket } from 'node:net';
import { describe, expect } from '../support/fixtures.ts';
import { collectGarbage } from '../support/garbage-collection.ts';
import { backendPid, it, twoHosts } from './driver.ts';

const CLOSED = { code: 'CONNECTION_CLOSED' };
const POLL = { interval: 5, timeout: 10_000 };

describe('patches/postgres+3.4.9+001+faults', () => {
  describe('a query', () => {
    it('is rejected when its new connection ends before the session begins', async ({ proxy, connect }) => {
      proxy.onConnect = 'end';
      const sql = connect(proxy.url);
      await expect(sql`select 1`.execute()).rejects.toMatchObject(CLOSED);
      proxy.onConnect = 'pass';
      expect(await sql`select 1 as one`).toEqual([{ one: 1 }]);
    });

    it('that is cancelled while it waits for a new connection leaves that connection to others', async ({
      db,
      connect,
    }) => {
      const sql = connect(db.url);
      const abandoned = sql`select 1`.execute();
      await Promise.resolve().then(() => undefined);
      abandoned.cancel();
      await expect(abandoned).rejects.toMatchObject({ code: '57014' });
      expect(await sql`select 1 as one`).toEqual([{ one: 1 }]);
    });

    it('is run by the second host when the first accepts no connections', async ({ db, proxy, connect }) => {
      await proxy.close();
      const sql = connect(db.url, twoHosts(proxy.url, db.url));
      expect(await sql`select 1 as one`).toEqual([{ one: 1 }]);
    });

    it('is tried again only after a pause when every host ends its connections', async ({
      connect,
      onTestFinished,
    }) => {
      const times: number[] = [];
      const server = createServer((socket) => {
        times.push(performance.now());
        socket.end();
      });
      await once(server.listen(0, '127.0.0.1'), 'listening');
      onTestFinished(() => void server.close());
      const url = `postgres://127.0.0.1:${(server.address() as AddressInfo).port}/`;
      connect(url, twoHosts(url, url))`select 1`.catch(() => undefined);
      await expect.poll(() => times.length, POLL).toBeGreaterThan(2);
      expect((times[2] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(80);
    });

    it('has a socket as soon as it is sent', async ({ db, connect }) => {
      const sql = connect(db.url);
      const query = sql`select pg_sleep(0.01)`;
      expect(query).not.toHaveProperty('socket');
      await query;
      expect(query).toHaveProperty('socket.remotePort', Number(new URL(db.url).port));
    });
  });

  describe('a connection that is lost', () => {
    it('between two rows leaves no holes in the next result', async ({ proxy, connect }) => {
      let rows = 0;
      const count = (row: unknown) => {
        rows++;
        if (rows === 2) proxy.endAll();
        return row;
      };
      const sql = connect(proxy.url, { transform: { row: { from: count } } });
      const cut = sql`select n, repeat('x', 10000), pg_sleep(n / 20.0) from generate_series(0, 100) as n`;
      await expect(cut).rejects.toMatchObject(CLOSED);
      expect(await sql`select 1 as one`).toEqual([{ one: 1 }]);
    });

    it('does not pass its error on to the next connection', async ({ db, connect }) => {
      const sql = connect(db.url);
      const killed = sql`select pg_terminate_backend(pg_backend_pid())`;
      await expect(killed).rejects.toMatchObject(CLOSED);
      expect(await sql`select 1 as one`).toEqual([{ one: 1 }]);
    });

    it('lets its pool end', async ({ db, connect }) => {
      const sql = connect(db.url);
      await expect(sql`select pg_terminate_backend(pg_backend_pid())`).rejects.toMatchObject(CLOSED);
      await sql.end();
    });

    it('lets its pool end that waits for its query', async ({ db, connect }) => {
      const sql = connect(db.url);
      const pid = await backendPid(sql);
      const query = sql`select pg_sleep(20)`.execute();
      const rejected = expect(query).rejects.toMatchObject(CLOSED);
      await expect.poll(() => 'socket' in query, POLL).toBe(true);
      const ended = sql.end();
      await db.sql`select pg_terminate_backend(${pid})`;
      await rejected;
      await ended;
    });

    it.for<[end: string, act: () => Promise<void>]>([
      ['returns', () => Promise.resolve()],
      ['throws', () => Promise.reject(new Error('no'))],
    ])(
      'before the callback of a cursor %s disturbs no query of the next connection',
      async ([, act], { db, connect }) => {
        const sql = connect(db.url);
        const pid = await backendPid(sql);
        const over = Promise.withResolvers<void>();
        let next: PromiseLike<unknown> = Promise.resolve();
        const read = sql`select n from generate_series(1, 3) as n`.cursor(1, async () => {
          await db.sql`select pg_terminate_backend(${pid})`;
          await sql`select 1`.catch(() => undefined);
          const query = sql`select 1 as one from pg_sleep(0.1)`.execute();
          await expect.poll(() => 'socket' in query, POLL).toBe(true);
          next = query;
          setImmediate(over.resolve);
          return act();
        });
        await expect(read).rejects.toBeInstanceOf(Error);
        await over.promise;
        expect(await sql`select 2 as two`).toEqual([{ two: 2 }]);
        expect(await next).toEqual([{ one: 1 }]);
      },
    );

    it('while it is reserved rejects the queries of its holder', async ({ db, connect }) => {
      const sql = connect(db.url);
      const pid = await backendPid(sql);
      const holder = await sql.reserve();
      await db.sql`select pg_terminate_backend(${pid})`;
      await expect(holder`select pg_sleep(20)`).rejects.toBeInstanceOf(Error);
      await expect(holder`select 1`).rejects.toMatchObject(CLOSED);
    });

    it('while it waits for a password writes no password', async ({ connect, onTestFinished }) => {
      const password = Promise.withResolvers<string>();
      const server = createServer((socket) => {
        // AuthenticationCleartextPassword.
        socket.once('data', () => socket.end(Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3])));
      });
      await once(server.listen(0, '127.0.0.1'), 'listening');
      onTestFinished(() => void server.close());
      const { port } = server.address() as AddressInfo;
      const sql = connect(`postgres://127.0.0.1:${port}/`, { password: () => password.promise });
      await expect(sql`select 1`.execute()).rejects.toMatchObject(CLOSED);
      password.resolve('secret');
      await new Promise(setImmediate);
    });
  });

  describe('a transaction', () => {
    it('whose connection is lost runs no more queries, not even on another connection', async ({ db, connect }) => {
      const sql = connect(db.url);
      const work = Promise.withResolvers<unknown>();
      const transaction = sql.begin(async (tx) => {
        await db.sql`select pg_terminate_backend(${await backendPid(tx)})`;
        // Runs on the pool's one connection, which is opened again for it.
        await sql`select 1`;
        const lateInsert = tx`insert into auth_users (id) values ('lost')`.execute();
        work.resolve(lateInsert);
        await lateInsert;
      });
      await expect(transaction).rejects.toMatchObject(CLOSED);
      await expect(work.promise).rejects.toMatchObject(CLOSED);
      expect(await sql`select id from auth_users where id = 'lost'`).toEqual([]);
    });

    it('whose connection is lost rejects the queries that wait for that connection', async ({ db, connect }) => {
      const sql = connect(db.url);
      const work = Promise.withResolvers<PromiseSettledResult<unknown>[]>();
      const transaction = sql.begin(async (tx) => {
        const pid = await backendPid(tx);
        // The first query has parameters. The driver sends no other query until PostgreSQL has described them.
        const queries = [1, 2, 3].map((n) => tx`select pg_sleep(20), ${n}::int`.execute());
        work.resolve(Promise.allSettled(queries));
        await db.sql`select pg_terminate_backend(${pid})`;
        await Promise.all(queries);
      });
      await expect(transaction).rejects.toBeInstanceOf(Error);
      expect((await work.promise).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    });

    it.for<[end: string, act: () => Promise<unknown>]>([
      ['commit', () => Promise.resolve()],
      ['rollback', () => Promise.reject(new Error('no'))],
    ])('sends its %s through unsafe()', async ([end, act], { db, connect }) => {
      const sent: string[] = [];
      const transaction = connect(db.url).begin((tx) => {
        const { unsafe } = tx;
        tx.unsafe = ((text: string) => {
          sent.push(text);
          return unsafe(text);
        }) as typeof unsafe;
        return act();
      });
      await transaction.catch(() => undefined);
      expect(sent).toEqual([end]);
    });
  });

  describe('a pool', () => {
    it('whose idle connections are closed opens every connection again', async ({ db, connect }) => {
      const sql = connect(db.url);
      await sql.close();
      expect(await sql`select 1 as one`).toEqual([{ one: 1 }]);
      await sql.close();
      expect(await sql`select 2 as two`).toEqual([{ two: 2 }]);
    });

    it('ends although the server never closes its side of the connection', async ({ db, connect, onTestFinished }) => {
      const target = new URL(db.url);
      const sockets: Socket[] = [];
      const server = createServer({ allowHalfOpen: true }, (client) => {
        const backend = connectTo(Number(target.port), target.hostname);
        sockets.push(client, backend);
        for (const socket of [client, backend]) socket.on('error', () => undefined);
        client.on('data', (bytes) => backend.write(bytes));
        backend.on('data', (bytes) => client.write(bytes));
      });
      await once(server.listen(0, '127.0.0.1'), 'listening');
      onTestFinished(() => {
        for (const socket of sockets) socket.destroy();
        server.close();
      });
      const url = new URL(db.url);
      url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
      const sql = connect(url.href);
      await sql`select 1`;
      await sql.end();
    });
  });

  it('a queue that is never empty keeps nothing that has left it', async () => {
    const module = await import(new URL('../../node_modules/postgres/src/queue.js', import.meta.url).href);
    const queue = module.default([0]);
    const before = heapUsed();
    for (let i = 1; i <= 1_000_000; i++) {
      queue.push(i);
      if (queue.shift() !== i - 1) throw new Error('out of order');
    }
    expect(queue.length).toBe(1);
    expect(heapUsed() - before).toBeLessThan(2_000_000);
  });
});

/** Returns the size of the live objects in the heap, in bytes. */
function heapUsed(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}
