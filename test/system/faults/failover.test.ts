import { untilAvailable } from '../../db/pool.ts';
import { serviceEnv } from '../../support/app.ts';
import { describe, expect, it } from '../../support/fixtures.ts';
import { startServiceProcess } from '../../support/process.ts';
import { startMigrate } from '../process/migrate.ts';
import { expectNoneLost, startLoad } from './load.ts';
import { startReplication } from './replication.ts';

describe('a service with a primary and a standby in DATABASE_URL, under load,', () => {
  it('continues on the standby once it is promoted, and loses no acknowledged write of a primary that is stopped', {
    timeout: 120_000,
  }, async ({ auth, createUser, onTestFinished }) => {
    const cluster = await startReplication();
    onTestFinished(() => cluster.close());
    expect((await startMigrate({ DATABASE_URL: cluster.url }).ended).code).toBe(0);
    const service = await startServiceProcess(serviceEnv(cluster, auth, { MAX_BADGES_PER_USER: '1000000' }));
    onTestFinished(() => service.close());
    const users = await Promise.all([createUser(), createUser(), createUser(), createUser()]);
    const load = startLoad(service, users);
    await load.untilCreated(100);
    await cluster.stopPrimary();
    await expect.poll(() => load.statuses.get(503) ?? 0).toBeGreaterThan(0);
    expect((await service.rest('/health/live')).status).toBe(200);
    await cluster.promote();
    expect(await untilAvailable(service, 10_000)).toBeLessThan(5000);
    await load.untilCreated(100);
    await load.stop();

    expect([...load.statuses.keys()].sort()).toEqual([200, 503]);
    const rows = await cluster.standby<{ name: string }[]>`
      select name from badges where auth_user_id in ${cluster.standby(users.map(({ id }) => id))}`;
    expectNoneLost(load, rows);
    expect(service.stdout.filter((line) => line.includes('"level":"error"'))).toEqual([]);
  });
});
