import { inject } from 'vitest';
import { openDatabase } from '../../src/db/client.ts';
import { badgeBody } from '../support/builders.ts';
import { BUSY_MACHINE_MS } from '../support/busy-machine.ts';
import { startCommand } from '../support/command.ts';
import { createEmptyDatabase, type TestDatabase } from '../support/database.ts';
import { it as base, describe, expect } from '../support/fixtures.ts';
import { functionalPass } from '../support/functional-pass.ts';
import { createPgBouncer, hasPgBouncer } from '../support/pgbouncer.ts';
import { untilReady } from '../support/ready.ts';
import { trackerPass } from '../support/tracker-pass.ts';
import { countWaiting } from '../support/waiting.ts';
import { startMigrate } from '../system/process/migrate.ts';
import { timed } from './pool.ts';

const it = base.extend('startPgBouncer', async ({ db }, { onCleanup }) => {
  const started: { close(): Promise<void> }[] = [];
  onCleanup(async () => {
    for (const bouncer of started) await bouncer.close();
  });
  return async (mode: 'session' | 'transaction') => {
    const bouncer = await createPgBouncer(db.url, mode);
    started.push(bouncer);
    await bouncer.start();
    return bouncer;
  };
});

/** PgBouncer before 1.21 knows no prepared statements, but keeps one connection for a session. */
const PARAMETERS = { session: '', transaction: 'prepare=false' } as const;

/** Sets a time limit of all sessions of the database. Returns the function that resets it. */
async function setForDatabase({ sql, url }: TestDatabase, { name, ms }: { name: string; ms: number }) {
  const alter = `alter database ${new URL(url).pathname.slice(1)}`;
  await sql.unsafe(`${alter} set ${name} = ${ms}`);
  return async () => void (await sql.unsafe(`${alter} reset ${name}`));
}

/** A slow machine and a lock wait of up to 1 s. */
const TIMEOUT = { timeout: 60_000 };

describe.skipIf(!hasPgBouncer)('through PgBouncer', () => {
  for (const mode of ['session', 'transaction'] as const) {
    describe(`in ${mode} mode with DATABASE_POOLER=transaction`, TIMEOUT, () => {
      it('every operation of both APIs works for several users at once', async ({
        auth,
        db,
        serve,
        createUser,
        startPgBouncer,
      }) => {
        const bouncer = await startPgBouncer(mode);
        const url = bouncer.url(db.url, PARAMETERS[mode]);
        const service = await serve({ DATABASE_URL: url, DATABASE_POOLER: 'transaction', DATABASE_POOL_SIZE: '20' });
        await untilReady(service);
        const users = await Promise.all(Array.from({ length: 12 }, () => createUser()));
        await Promise.all(users.map((user) => functionalPass(service, user)));
        const tokenOf = (scope: string) => auth.token('tracker', { scope });
        await trackerPass(service, { user: await createUser(), tokenOf });
      });

      it('six migrations at once succeed, and another run after them', { timeout: 120_000 }, async ({
        db,
        startPgBouncer,
        onTestFinished,
      }) => {
        const bouncer = await startPgBouncer(mode);
        const empty = await createEmptyDatabase(inject('databaseServerUrl'), inject('databaseTemplate'));
        onTestFinished(() => empty.drop());
        const env = { DATABASE_URL: bouncer.url(empty.url, PARAMETERS[mode]), DATABASE_POOLER: 'transaction' };
        const runs = await Promise.all(Array.from({ length: 6 }, () => startMigrate(env).ended));
        expect(runs.map(({ code, stderr }) => ({ code, stderr }))).toEqual(Array(6).fill({ code: 0, stderr: '' }));
        expect((await startMigrate(env).ended).code).toBe(0);
        expect(await empty.rowCounts()).toEqual(await db.rowCounts().then((all) => withZeros(all)));
      });

      it('db:verify compares and repairs counters in spite of the limits of the database', async ({
        db,
        startPgBouncer,
        onTestFinished,
      }) => {
        onTestFinished(await setForDatabase(db, { name: 'statement_timeout', ms: 250 }));
        await db.sql`insert into auth_users (id, badge_count, goal_count) values ('counted', 7, 7) 
          on conflict (id) do update set badge_count = 7`;
        const bouncer = await startPgBouncer(mode);
        const env = { DATABASE_URL: bouncer.url(db.url, PARAMETERS[mode]), DATABASE_POOLER: 'transaction' };
        const verify = (...options: string[]) => startCommand(['src/verify.ts', ...options], env).ended;
        expect(await verify()).toMatchObject({ code: 1, stderr: '' });
        let repair: ReturnType<typeof verify> | undefined;
        await db.sql.begin(async (holder) => {
          await holder`select from auth_users where id = 'counted' for update`;
          repair = verify('--repair');
          const waiting = () => countWaiting(db.sql, { application: 'user-service verify' });
          await expect.poll(waiting, { timeout: 20_000, interval: 5 }).toBe(1);
          await expect.poll(waiting, { interval: 5 }).toBe(0);
        });
        expect(await repair).toMatchObject({
          code: 0,
          stderr: expect.stringMatching(/^another transaction has locked a row of auth_users/),
        });
        expect(await verify()).toMatchObject({ code: 0, stderr: '' });
      });

      it('transactions have the time limits, and leave no setting behind', async ({
        db,
        startPgBouncer,
        onTestFinished,
      }) => {
        const bouncer = await startPgBouncer(mode);
        const url = bouncer.url(db.url, PARAMETERS[mode]);
        const database = openDatabase({ url, poolSize: 1, pooler: 'transaction' });
        onTestFinished(() => database.close(1));
        const limits = `select current_setting('statement_timeout') || ' ' || current_setting('lock_timeout') as limits`;
        const inside = await database.db.transaction((tx) => tx.execute(limits));
        expect(inside).toEqual([{ limits: '1500ms 500ms' }]);
        expect(await database.db.execute(limits)).toEqual([{ limits: '0 0' }]);
      });

      it('a write to a locked row fails with 503 after the lock timeout of the database', async ({
        db,
        serve,
        createUser,
        startPgBouncer,
        onTestFinished,
      }) => {
        // A single statement has the limits that DEPLOYMENT.md sets for the role or the database.
        onTestFinished(await setForDatabase(db, { name: 'lock_timeout', ms: 500 }));
        const bouncer = await startPgBouncer(mode);
        const url = bouncer.url(db.url, PARAMETERS[mode]);
        const service = await serve({ DATABASE_URL: url, DATABASE_POOLER: 'transaction' });
        const { id, token } = await createUser();
        const create = () => service.rest(`/users/${id}/badges`, { token, body: badgeBody() });
        expect((await create()).status).toBe(200);
        const { ms, result } = await db.sql.begin(async (tx) => {
          await tx`select from auth_users where id = ${id} for update`;
          return timed(create);
        });
        expect(result.status).toBe(503);
        expect(ms).toBeLessThan(500 + BUSY_MACHINE_MS);
      });
    });
  }

  it(
    'without DATABASE_POOLER, requests fail with 503, and the log has the code of the pooler',
    TIMEOUT,
    async ({ db, serve, startPgBouncer }) => {
      const bouncer = await startPgBouncer('transaction');
      const service = await serve({ DATABASE_URL: bouncer.url(db.url) });
      expect((await service.rest('/users/ada/badges')).status).toBe(503);
      expect(JSON.stringify(service.logs.filter(() => true))).toContain('"code":"08P01"');
    },
  );

  it(
    'with prepared statements that it does not know, requests succeed or fail with 503, and never with 500',
    TIMEOUT,
    async ({ db, serve, createUser, startPgBouncer }) => {
      const bouncer = await startPgBouncer('transaction');
      const url = bouncer.url(db.url);
      const service = await serve({ DATABASE_URL: url, DATABASE_POOLER: 'transaction', DATABASE_POOL_SIZE: '8' });
      const users = await Promise.all(Array.from({ length: 8 }, () => createUser()));
      const statuses = await Promise.all(
        users.flatMap(({ id, token }) =>
          Array.from({ length: 10 }, async (_, n) => {
            const body = badgeBody({ name: `badge ${n}` });
            return (await service.rest(`/users/${id}/badges`, { token, body })).status;
          }),
        ),
      );
      expect(new Set(statuses)).toContain(200);
      expect([...new Set(statuses)].filter((status) => status !== 200 && status !== 503)).toEqual([]);
      const readAll = () => service.rest(`/users/${users[0]?.id}/badges`);
      await expect.poll(async () => (await readAll()).status).toBe(200);
    },
  );
});

/** Returns the counts of a database without data: only the revision of the badge definitions has a row. */
function withZeros(counts: Record<string, number>): Record<string, number> {
  const zeros = Object.fromEntries(Object.keys(counts).map((table) => [table, 0]));
  return { ...zeros, badge_definition_revision: 1 };
}
