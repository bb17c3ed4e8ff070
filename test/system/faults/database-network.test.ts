import { expectCompletePool, untilAvailable } from '../../db/pool.ts';
import { it as base, describe, expect } from '../../support/fixtures.ts';
import { createProxy, type TcpProxy } from '../../support/proxy.ts';
import { startLoad } from './load.ts';

const POOL_SIZE = 5;

const it = base.extend('proxy', async ({ db }, { onCleanup }) => {
  const proxy = await createProxy(db.url);
  onCleanup(() => proxy.close());
  await proxy.open();
  return proxy;
});

/** What goes on between service and database, and how soon it must be over for all afterwards. */
const storms: [name: string, strike: (proxy: TcpProxy) => unknown, recoveryMs: number][] = [
  ['loses everything', (proxy) => proxy.blackhole(), 2500],
  ['resets every connection again and again', (proxy) => proxy.resetAll(), 1000],
  ['ends every connection again and again', (proxy) => proxy.endAll(), 1000],
  ['is gone, new connections are ended at once', (proxy) => meetWith(proxy, 'end'), 1000],
  ['is gone, new connections are left waiting', (proxy) => meetWith(proxy, 'silent'), 2500],
  ['is slow and unsteady', (proxy) => Object.assign(proxy, { latencyMs: 200, jitterMs: 600 }), 1000],
];

function meetWith(proxy: TcpProxy, onConnect: TcpProxy['onConnect']) {
  if (proxy.onConnect === onConnect) return;
  proxy.onConnect = onConnect;
  proxy.resetAll();
}

describe('under load, the network to the database', () => {
  for (const [name, strike, recoveryMs] of storms) {
    it(`${name}: the process lives, nobody waits for long, nothing acknowledged is lost`, { timeout: 60_000 }, async ({
      serveProcess,
      proxy,
      db,
      createUser,
    }) => {
      const people = await Promise.all([createUser(), createUser(), createUser(), createUser()]);
      const service = await serveProcess({
        DATABASE_URL: proxy.url,
        DATABASE_POOL_SIZE: String(POOL_SIZE),
        MAX_BADGES_PER_USER: '1000000',
      });
      const load = startLoad(service, people);
      await load.creates(50);
      const strikeAgain = () => {
        strike(proxy);
        return load.statuses.get(503) ?? 0;
      };
      await expect.poll(strikeAgain, { timeout: 20_000, interval: 100 }).toBeGreaterThan(40);
      expect((await service.rest('/health/live')).status).toBe(200);
      proxy.clearFaults();
      const recovered = await untilAvailable(service, 5000);
      expect(recovered).toBeLessThan(recoveryMs);
      await load.creates(50);
      await load.stop();

      expect([...load.statuses.keys()].filter((status) => status !== 200 && status !== 503)).toEqual([]);
      expect(load.slowestMs).toBeLessThan(3500);
      const ids = people.map(({ id }) => id);
      const rows = await db.sql<{ name: string }[]>`select name from badges where auth_user_id in ${db.sql(ids)}`;
      const names = rows.map((row) => row.name);
      expect([...load.created].filter((created) => !names.includes(created))).toEqual([]);
      expect(new Set(names).size).toBe(names.length);
      expect(service.stderr).toEqual([]);
      await expectCompletePool(service, db.sql, POOL_SIZE);
    });
  }
});
