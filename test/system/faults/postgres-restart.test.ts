import { expectCompletePool, untilAvailable } from '../../db/pool.ts';
import { serviceEnv } from '../../support/app.ts';
import { it as base, describe, expect } from '../../support/fixtures.ts';
import { startServiceProcess } from '../../support/process.ts';
import { startLoad } from './load.ts';
import { startPostgresServer } from './postgres-server.ts';

const POOL_SIZE = 5;

const it = base
  .extend('server', { scope: 'file' }, async ({}, { onCleanup }) => {
    const server = await startPostgresServer();
    onCleanup(() => server.close());
    return server;
  })
  .extend('subject', async ({ server, auth }, { onCleanup }) => {
    const env = { DATABASE_POOL_SIZE: String(POOL_SIZE), MAX_BADGES_PER_USER: '1000000' };
    const service = await startServiceProcess(serviceEnv(server, auth, env));
    onCleanup(() => service.close());
    return service;
  });

describe('under load, with transactions open, PostgreSQL', () => {
  for (const [how, what] of [
    ['fast', 'is restarted'],
    ['immediate', 'is restarted without a checkpoint'],
    ['killed', 'is killed'],
  ] as const) {
    it(`${what}: the process lives, only calls in flight fail, nothing acknowledged is lost`, {
      timeout: 60_000,
    }, async ({ server, subject, createUser }) => {
      const people = await Promise.all([createUser(), createUser(), createUser(), createUser()]);
      const load = startLoad(subject, people);
      for (let round = 0; round < 2; round++) {
        await load.creates(100);
        await server.end(how);
        await expect.poll(() => load.statuses.get(503) ?? 0).toBeGreaterThan(0);
        expect((await subject.rest('/health/live')).status).toBe(200);
        await server.start();
        const recoveryMs = await untilAvailable(subject, 5000);
        expect(recoveryMs).toBeLessThan(1000);
      }
      await load.creates(100);
      await load.stop();

      expect(subject.stdout.filter((line) => line.includes('"level":"error"'))).toEqual([]);
      expect([...load.statuses.keys()].sort()).toEqual([200, 503]);
      expect(load.slowestMs).toBeLessThan(3500);
      const ids = people.map(({ id }) => id);
      const rows = await server.sql<{ name: string; keyed: boolean }[]>`
        select name, exists (select from idempotency_keys k where k.auth_user_id = b.auth_user_id
                             and k.body::jsonb ->> 'id' = b.id::text) as keyed
        from badges b where auth_user_id in ${server.sql(ids)}`;
      const names = rows.map(({ name }) => name);
      expect([...load.created].filter((name) => !names.includes(name))).toEqual([]);
      expect(new Set(names).size).toBe(names.length);
      expect(rows.filter(({ keyed }) => !keyed)).toEqual([]);
      expect(subject.stderr).toEqual([]);
      await expectCompletePool(subject, server.sql, POOL_SIZE);
    });
  }
});
