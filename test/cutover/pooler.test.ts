import { startCommand } from '../support/command.ts';
import { describe, expect } from '../support/fixtures.ts';
import { createPgBouncer, hasPgBouncer } from '../support/pgbouncer.ts';
import { it, sample } from './support/cutover.ts';

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
