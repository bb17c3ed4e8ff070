import { openAdminConnection } from '../../src/db/admin-connection.ts';
import { describe, expect, it } from '../support/fixtures.ts';
import { emptyDatabase } from '../support/migrations.ts';

async function readInterval(url: string): Promise<string> {
  const admin = await openAdminConnection(url, { application_name: 'test' });
  try {
    const [row] = await admin`select current_setting('client_connection_check_interval') as interval`;
    return row?.interval;
  } finally {
    await admin.end({ timeout: 1 });
  }
}

describe('an admin connection', () => {
  it('has the server look for its client every 2 s, for any setting of the URL', async ({ db }) => {
    expect(await readInterval(db.url)).toBe('2s');
    expect(await readInterval(`${db.url}?client_connection_check_interval=0`)).toBe('2s');
  });

  it('opens on a server whose platform rejects that', async ({ onTestFinished }) => {
    const { sql, url } = await emptyDatabase(onTestFinished);
    await sql`
      create function public.set_config(name text, value text, is_local boolean) returns text language plpgsql as $$
      begin
        if name = 'client_connection_check_interval' then raise invalid_parameter_value; end if;
        return pg_catalog.set_config(name, value, is_local);
      end $$`;
    await sql.unsafe(`alter database ${new URL(url).pathname.slice(1)} set search_path = public, pg_catalog`);
    expect(await readInterval(url)).toBe('0');
  });
});
