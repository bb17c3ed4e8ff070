import { inject } from 'vitest';
import { openDatabase } from '../../src/db/client.ts';
import { badgeBody } from '../support/builders.ts';
import { createEmptyDatabase } from '../support/database.ts';
import { it as base, describe, expect } from '../support/fixtures.ts';
import { functionalPass } from '../support/functional-pass.ts';
import { createPgBouncer, hasPgBouncer } from '../support/pgbouncer.ts';
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

/** A slow machine and a lock wait of up to 1 s. */
const TIMEOUT = { timeout: 60_000 };

describe.skipIf(!hasPgBouncer)('through PgBouncer', () => {
  for (const mode of ['session', 'transaction'] as const) {
    describe(`in ${mode} mode with DATABASE_POOLER=transaction`, TIMEOUT, () => {
      it('every operation of both APIs works for several users at once', async ({
        db,
        serve,
        createUser,
        startPgBouncer,
      }) => {
        const bouncer = await startPgBouncer(mode);
        const url = bouncer.url(db.url, PARAMETERS[mode]);
        const service = await serve({ DATABASE_URL: url, DATABASE_POOLER: 'transaction', DATABASE_POOL_SIZE: '20' });
        expect((await service.rest('/health/ready')).status).toBe(200);
        const users = await Promise.all(Array.from({ length: 12 }, () => createUser()));
        await Promise.all(users.map((user) => functionalPass(service, user)));
      });

      it('six migrations at once succeed, and another run after them', async ({
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
        const database = new URL(db.url).pathname.slice(1);
        await db.sql.unsafe(`alter database ${database} set lock_timeout = 500`);
        onTestFinished(async () => void (await db.sql.unsafe(`alter database ${database} reset lock_timeout`)));
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
        expect(ms).toBeLessThan(1500);
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
      await expect.poll(async () => (await readAll()).status, { timeout: 5000 }).toBe(200);
    },
  );
});

function withZeros(counts: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.keys(counts).map((table) => [table, 0]));
}
