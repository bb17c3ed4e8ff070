import { expectCompletePool, untilAvailable } from '../../db/pool.ts';
import { BUSY_MACHINE_MS } from '../../support/busy-machine.ts';
import { describe, expect } from '../../support/fixtures.ts';
import { it } from '../../support/proxied.ts';
import type { TcpProxy } from '../../support/proxy.ts';
import { expectNoneLost, startLoad } from './load.ts';

const POOL_SIZE = 5;

/** Network faults between service and database, with the maximum recovery time after their end. */
const networkFaults: [name: string, inject: (proxy: TcpProxy) => unknown, recoveryMs: number][] = [
  ['drops all packets', (proxy) => proxy.blackhole(), 2500],
  ['resets every connection repeatedly', (proxy) => proxy.resetAll(), 1000],
  ['ends every connection repeatedly', (proxy) => proxy.endAll(), 1000],
  ['resets connections and ends new ones', (proxy) => resetAndSetOnConnect(proxy, 'end'), 1000],
  ['resets connections and is silent on new ones', (proxy) => resetAndSetOnConnect(proxy, 'silent'), 2500],
  // Packets that were sent before the end arrive up to 2.6 s later.
  ['has latency and jitter', (proxy) => Object.assign(proxy, { latencyMs: 200, jitterMs: 2400 }), 2600],
];

function resetAndSetOnConnect(proxy: TcpProxy, onConnect: TcpProxy['onConnect']) {
  if (proxy.onConnect === onConnect) return;
  proxy.onConnect = onConnect;
  proxy.resetAll();
}

describe('the network to the database, under load,', () => {
  for (const [name, inject, recoveryMs] of networkFaults) {
    it(`${name}: the process is live, requests end within 3.5 s, and no acknowledged write is lost`, {
      timeout: 60_000,
    }, async ({ serveProcess, proxy, db, createUser }) => {
      const users = await Promise.all([createUser(), createUser(), createUser(), createUser()]);
      const service = await serveProcess({
        DATABASE_URL: proxy.url,
        DATABASE_POOL_SIZE: String(POOL_SIZE),
        MAX_BADGES_PER_USER: '1000000',
      });
      const load = startLoad(service, users);
      await load.untilCreated(50);
      const injectAgain = () => {
        inject(proxy);
        return load.statuses.get(503) ?? 0;
      };
      await expect.poll(injectAgain, { timeout: 20_000, interval: 100 }).toBeGreaterThan(40);
      expect((await service.rest('/health/live')).status).toBe(200);
      proxy.clearFaults();
      const elapsedMs = await untilAvailable(service);
      expect(elapsedMs).toBeLessThan(recoveryMs + BUSY_MACHINE_MS);
      await load.untilCreated(50);
      await load.stop();

      expect([...load.statuses.keys()].filter((status) => status !== 200 && status !== 503)).toEqual([]);
      expect(load.slowestMs).toBeLessThan(3500 + BUSY_MACHINE_MS);
      const ids = users.map(({ id }) => id);
      const rows = await db.sql<{ name: string }[]>`select name from badges where auth_user_id in ${db.sql(ids)}`;
      expectNoneLost(load, rows);
      expect(service.stderr).toEqual([]);
      await expectCompletePool(service, db.sql, POOL_SIZE);
    });
  }
});
