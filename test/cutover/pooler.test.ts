import postgres from 'postgres';
import { serviceEnv, startService } from '../support/app.ts';
import { startCommand } from '../support/command.ts';
import { describe, expect } from '../support/fixtures.ts';
import { createPgBouncer, hasPgBouncer } from '../support/pgbouncer.ts';
import { it, runCutover, runSuccessfully, sample } from './support/cutover.ts';

describe('a command of the cut-over', () => {
  it('is rejected with DATABASE_POOLER=transaction', async ({ createDatabase }) => {
    const db = await createDatabase(sample('a'));
    const env = { DATABASE_URL: db.url, DATABASE_POOLER: 'transaction' };
    const { code, stderr } = await startCommand(['src/cutover.ts', 'inspect'], env).ended;
    expect(code).toBe(1);
    expect(stderr).toContain('set DATABASE_URL to the PostgreSQL server itself');
  });

  for (const [behaviour, ignored] of [
    ['rejects', ''],
    [
      'ignores',
      'ignore_startup_parameters = statement_timeout,lock_timeout,idle_in_transaction_session_timeout,' +
        'idle_session_timeout,search_path,default_transaction_isolation,row_security,client_connection_check_interval,' +
        'tcp_keepalives_idle,tcp_keepalives_interval,tcp_keepalives_count',
    ],
  ] as const) {
    it.skipIf(!hasPgBouncer)(
      `is rejected through a pooler that ${behaviour} the settings of a session`,
      async ({ createDatabase, onTestFinished }) => {
        const db = await createDatabase(sample('a'));
        const bouncer = await createPgBouncer(db.url, 'transaction', ignored);
        onTestFinished(() => bouncer.close());
        await bouncer.start();
        const env = { DATABASE_URL: bouncer.url(db.url) };
        const { code, stderr } = await startCommand(['src/cutover.ts', 'migrate'], env).ended;
        expect(code).toBe(1);
        expect(stderr).toContain('leads to a connection pooler');
      },
    );
  }
});

describe('with the service behind PgBouncer', () => {
  for (const [name, settings] of [
    ['its name', ''],
    ['its name and address', 'application_name_add_host = 1'],
  ] as const) {
    it.skipIf(!hasPgBouncer)(
      `idle connections with ${name} count as the service until RECONNECT, and its deletions as its own`,
      async ({ createMigrated, auth, onTestFinished }) => {
        const db = await createMigrated();
        const admin = new URL(db.url);
        const bouncer = await createPgBouncer(db.url, 'transaction', `admin_users = ${admin.username}\n${settings}`);
        onTestFinished(() => bouncer.close());
        await bouncer.start();
        const service = await startService(
          serviceEnv({ url: bouncer.url(db.url, 'prepare=false') }, auth, { DATABASE_POOLER: 'transaction' }),
        );
        onTestFinished(() => service.close());
        auth.add({ id: '2' });
        await service.rest('/users/2/goals/3', { method: 'DELETE', token: await auth.token('2') });
        await service.close();

        const { code, stderr } = await runCutover(db, 'rollback --discard-new');
        expect({ code, stderr }).toEqual({
          code: 1,
          stderr: expect.stringContaining('close them, in PgBouncer with RECONNECT'),
        });
        expect(await runSuccessfully(db, 'verify')).toContain('written by the service since the migration: 1 deleted');
        admin.pathname = '/pgbouncer';
        const adminConsole = postgres(bouncer.url(admin.href), { max: 1, fetch_types: false });
        onTestFinished(() => adminConsole.end());
        await adminConsole.unsafe('reconnect').simple();
        await expect
          .poll(async () => (await runCutover(db, 'rollback --discard-new')).stderr)
          .not.toContain('is connected');
      },
    );
  }
});
