import { expectCompletePool, untilAvailable } from '../../db/pool.ts';
import { serviceEnv } from '../../support/app.ts';
import { BUSY_MACHINE_MS } from '../../support/busy-machine.ts';
import { it as base, describe, expect } from '../../support/fixtures.ts';
import { startServiceProcess } from '../../support/process.ts';
import { expectNoneLost, startLoad } from './load.ts';
import { startPostgresServer } from './postgres-server.ts';

const POOL_SIZE = 5;

const it = base
  .extend('server', { scope: 'file' }, async ({}, { onCleanup }) => {
    const server = await startPostgresServer();
    onCleanup(() => server.close());
    return server;
  })
  .extend('replica', async ({ server, auth }, { onCleanup }) => {
    const env = { DATABASE_POOL_SIZE: String(POOL_SIZE), MAX_BADGES_PER_USER: '1000000' };
    const service = await startServiceProcess(serviceEnv(server, auth, env));
    onCleanup(() => service.close());
    return service;
  });

describe('PostgreSQL, under load,', () => {
  for (const [mode, name] of [
    ['fast', 'is restarted with a fast shutdown'],
    ['immediate', 'is restarted with an immediate shutdown'],
    ['killed', 'is killed with SIGKILL'],
  ] as const) {
    it(`${name}: the process is live, only requests in flight fail, and no acknowledged write is lost`, {
      timeout: 60_000,
    }, async ({ server, replica, createUser }) => {
      const users = await Promise.all([createUser(), createUser(), createUser(), createUser()]);
      const load = startLoad(replica, users);
      for (let round = 0; round < 2; round++) {
        await load.untilCreated(100);
        await server.shutDown(mode);
        await expect.poll(() => load.statuses.get(503) ?? 0).toBeGreaterThan(0);
        expect((await replica.rest('/health/live')).status).toBe(200);
        await server.start();
        const recoveryMs = await untilAvailable(replica);
        expect(recoveryMs).toBeLessThan(1000 + BUSY_MACHINE_MS);
      }
      await load.untilCreated(100);
      await load.stop();

      expect(replica.stdout.filter((line) => line.includes('"level":"error"'))).toEqual([]);
      expect([...load.statuses.keys()].sort()).toEqual([200, 503]);
      expect(load.slowestMs).toBeLessThan(3500 + BUSY_MACHINE_MS);
      const ids = users.map(({ id }) => id);
      const rows = await server.sql<{ name: string; keyed: boolean }[]>`
        select name, exists (select from idempotency_keys k where k.auth_user_id = b.auth_user_id
                             and k.body::jsonb ->> 'id' = b.id::text) as keyed
        from badges b where auth_user_id in ${server.sql(ids)}`;
      expectNoneLost(load, rows);
      expect(rows.filter(({ keyed }) => !keyed)).toEqual([]);
      expect(replica.stderr).toEqual([]);
      await expectCompletePool(replica, server.sql, POOL_SIZE);
    });
  }
});
