import { serviceEnv, startService } from '../support/app.ts';
import { describe, expect } from '../support/fixtures.ts';
import { it, runCutover, runSuccessfully, sample } from './support/cutover.ts';

describe('every command', () => {
  it('ignores timeouts and other settings of the database', async ({ createDatabase }) => {
    const db = await createDatabase(sample('b'));
    const [version] = await db.sql`select current_setting('server_version_num')::int as number`;
    const settings = {
      statement_timeout: '1ms',
      lock_timeout: '1ms',
      idle_session_timeout: '50ms',
      search_path: 'nowhere',
      timezone: 'Asia/Tokyo',
      datestyle: 'German',
      default_transaction_isolation: 'serializable',
      ...(version?.number >= 170_000 && { transaction_timeout: '50ms' }),
    };
    const database = new URL(db.url).pathname.slice(1);
    for (const [name, value] of Object.entries(settings)) {
      await db.sql.unsafe(`alter database ${database} set ${name} = '${value}'`);
    }
    for (const line of ['inspect', 'migrate', 'verify --strict', 'rollback', 'migrate', 'finalize --yes']) {
      await runSuccessfully(db, line);
    }
  });

  it('ignores settings in the parameters of the URL', async ({ createDatabase }) => {
    const { url } = await createDatabase(sample('a'));
    const withSettings = `${url}?statement_timeout=1&search_path=nowhere&row_security=on&application_name=x`;
    for (const line of ['inspect', 'migrate', 'verify --strict', 'rollback']) {
      await runSuccessfully({ url: withSettings }, line);
    }
  });
});

describe('a running service', () => {
  it('is detected although its URL sets another application_name', async ({ createDatabase, auth, onTestFinished }) => {
    const db = await createDatabase(sample('a'));
    const service = await startService(serviceEnv({ url: `${db.url}?application_name=mine` }, auth));
    onTestFinished(() => service.close());
    await service.rest('/health/ready');
    expect(await runCutover(db, 'migrate')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('user-service is connected'),
    });
  });
});
