import { setTimeout as delay } from 'node:timers/promises';
import { untilAvailable } from '../../db/pool.ts';
import { serviceEnv } from '../../support/app.ts';
import { describe, expect, it } from '../../support/fixtures.ts';
import { createPgBouncer, hasPgBouncer } from '../../support/pgbouncer.ts';
import { startServiceProcess } from '../../support/process.ts';
import { expectNoneLost, startLoad } from './load.ts';

/** Time that PgBouncer is away. */
const DOWN_MS = 300;
/** PgBouncer before 1.21 knows no prepared statements, but keeps one connection for a session. */
const PARAMETERS = { session: '', transaction: 'prepare=false' };

describe.skipIf(!hasPgBouncer).for(['transaction', 'session'] as const)('PgBouncer in %s mode, under load,', (mode) => {
  it('is killed and restarted: the service heals, and no acknowledged write is lost', { timeout: 60_000 }, async ({
    db,
    auth,
    createUser,
    onTestFinished,
  }) => {
    const bouncer = await createPgBouncer(db.url, mode);
    onTestFinished(() => bouncer.close());
    await bouncer.start();
    const env = { DATABASE_POOLER: 'transaction', MAX_BADGES_PER_USER: '1000000' };
    const service = await startServiceProcess(serviceEnv({ url: bouncer.url(db.url, PARAMETERS[mode]) }, auth, env));
    onTestFinished(() => service.close());
    const users = await Promise.all([createUser(), createUser(), createUser(), createUser()]);
    const load = startLoad(service, users);
    for (let round = 0; round < 3; round++) {
      await load.untilCreated(50);
      await bouncer.kill();
      await delay(DOWN_MS);
      await bouncer.start();
      await untilAvailable(service, 5000);
    }
    await load.untilCreated(50);
    await load.stop();

    expect([...load.statuses.keys()].sort()).toEqual([200, 503]);
    const rows = await db.sql<{ name: string }[]>`
      select name from badges where auth_user_id in ${db.sql(users.map(({ id }) => id))}`;
    expectNoneLost(load, rows);
    expect(service.stdout.filter((line) => line.includes('"level":"error"'))).toEqual([]);
  });
});
