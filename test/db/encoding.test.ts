import { inject } from 'vitest';
import { readMigrationFiles } from '../../src/db/driver/drizzle.ts';
import { migrate } from '../../src/db/migrations.ts';
import { serviceEnv, startService } from '../support/app.ts';
import { createEmptyDatabase, type TestDatabase } from '../support/database.ts';
import { describe, expect, it } from '../support/fixtures.ts';

type OnTestFinished = (end: () => Promise<void>) => void;

async function sqlAsciiDatabase(onTestFinished: OnTestFinished): Promise<TestDatabase> {
  const db = await createEmptyDatabase(inject('databaseServerUrl'), inject('databaseTemplate'), 'SQL_ASCII');
  onTestFinished(() => db.drop());
  return db;
}

/** Runs the SQL of the migrations without the checks of `migrate`. */
async function createTables({ sql }: TestDatabase): Promise<void> {
  const statements = readMigrationFiles({ migrationsFolder: 'drizzle' }).flatMap((migration) => migration.sql);
  for (const statement of statements) await sql.unsafe(statement);
}

describe('a database whose encoding is not UTF8', () => {
  it('is rejected by a migration, with the remedy, and not changed', async ({ onTestFinished }) => {
    const db = await sqlAsciiDatabase(onTestFinished);
    const message =
      /^the encoding of the database is SQL_ASCII, expected UTF8: dump it and restore the dump into a database with/;
    await expect(migrate(db.url)).rejects.toThrow(message);
    expect(await db.rowCounts()).toEqual({});
    expect(await db.sql`select to_regnamespace('drizzle') as schema`).toEqual([{ schema: null }]);
  });

  it('is rejected by MIGRATE_ON_START', async ({ auth, onTestFinished }) => {
    const db = await sqlAsciiDatabase(onTestFinished);
    const started = startService(serviceEnv(db, auth, { MIGRATE_ON_START: 'true' }));
    await expect(started).rejects.toThrow('the encoding of the database is SQL_ASCII');
  });

  it('has texts that cannot be read: a failure of the service, not of the request', async ({
    auth,
    onTestFinished,
  }) => {
    const db = await sqlAsciiDatabase(onTestFinished);
    await createTables(db);
    // The first half of a character.
    await db.sql.unsafe(`
      insert into auth_users (id) values ('1');
      insert into badges (auth_user_id, name, description, icon_url, date_achieved)
      values ('1', E'\\xc3', 'd', '/i.png', now())`);
    const service = await startService(serviceEnv(db, auth));
    onTestFinished(() => service.close());
    expect(await service.rest('/users/1/badges')).toMatchObject({ status: 500, body: { code: 'INTERNAL' } });
    const { errors } = await service.graphql('{ badge(id: "1") { name } }');
    expect(errors).toMatchObject([{ extensions: { code: 'INTERNAL' } }]);
    expect(service.logs.filter(({ level }) => level === 'error')).not.toEqual([]);
  });
});
