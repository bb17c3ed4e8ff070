import { listCreatedRelations, migrate } from '../../src/db/migrations.ts';
import { describe, expect, it } from '../support/fixtures.ts';
import { createProxy } from '../support/proxy.ts';
import { timed } from './pool.ts';

describe('a migration rejects with the connection error, and the process continues, when', () => {
  for (const [name, onConnect, code] of [
    ['the server ends the connection at once', 'end', 'CONNECTION_CLOSED'],
    ['the server resets the connection at once', 'reset', 'ECONNRESET'],
    ['the server does not respond', 'silent', 'CONNECT_TIMEOUT'],
  ] as const) {
    it(name, async ({ db, onTestFinished }) => {
      const proxy = await createProxy(db.url);
      onTestFinished(() => proxy.close());
      proxy.onConnect = onConnect;
      await proxy.open();
      const { ms, result } = await timed(() => migrate(proxy.url).catch((error) => error));
      expect(result).toMatchObject({ code });
      expect(ms).toBeLessThan(7000);
    });
  }

  it('its backend is terminated', async ({ db }) => {
    await db.sql.begin(async (tx) => {
      await tx`select pg_advisory_xact_lock(x'7573657273657276'::bigint)`;
      const migration = migrate(db.url).catch((error) => error);
      const terminate = () => db.sql`
        select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and application_name = 'user-service migrate' and wait_event_type = 'Lock'`;
      await expect.poll(async () => (await terminate()).length).toBe(1);
      expect(await migration).toMatchObject({ code: 'CONNECTION_CLOSED' });
    });
  });
});

it('the relations of a migrated database are found in the SQL of the migrations', async ({ db }) => {
  const relations = await db.sql<{ name: string }[]>`
    select relname as name from pg_class where relnamespace = 'public'::regnamespace order by 1`;
  expect(relations.length).toBeGreaterThan(0);
  expect(listCreatedRelations()).toEqual(expect.arrayContaining(relations.map(({ name }) => name)));
});
