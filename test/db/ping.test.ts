import { openDatabase } from '../../src/db/client.ts';
import { findNewestColumn, migrate } from '../../src/db/migrations.ts';
import { pingDatabase } from '../../src/db/ping.ts';
import { describe, expect, it } from '../support/fixtures.ts';
import { countMigrations, emptyDatabase, migrationsFolder } from '../support/migrations.ts';

const NEXT = { tag: '90_next', statements: ['alter table badges add column later int', 'create table later (id int)'] };

describe('the newest column', () => {
  const table = 'CREATE TABLE "later" (\n\t"id" bigint NOT NULL,\n\t"text" text NOT NULL\n);';
  const column = 'ALTER TABLE "badges" ADD COLUMN "later" integer;';
  const index =
    '-- concurrently\nCREATE INDEX CONCURRENTLY IF NOT EXISTS "later_idx" ON "badges" USING btree ("later");';

  it.for([
    ['of a new table is its first one', [column, table, index], { table: 'later', column: 'id' }],
    ['of an existing table is the added one', [table, column, index], { table: 'badges', column: 'later' }],
  ] as const)('%s', async ([, statements, expected], { onTestFinished }) => {
    const folder = await migrationsFolder(onTestFinished, { added: [{ tag: '90_next', statements }] });
    expect(findNewestColumn(folder)).toEqual(expected);
  });
});

describe('the ping', () => {
  it('rejects a database without the newest migration, and accepts one with it or with later ones', {
    timeout: 60_000,
  }, async ({ onTestFinished }) => {
    const empty = await emptyDatabase(onTestFinished);
    const { db, close } = openDatabase({ url: empty.url, poolSize: 1 });
    onTestFinished(() => close(1));
    const ping = () =>
      pingDatabase(db).then(
        () => 'accepted',
        (error) => error.message,
      );
    const all = await countMigrations();
    for (let count = 0; count < all; count++) {
      if (count > 0) await migrate(empty.url, { folder: await migrationsFolder(onTestFinished, { count }) });
      expect([count, await ping()]).toEqual([count, 'the database is not migrated']);
    }
    await migrate(empty.url);
    expect(await ping()).toBe('accepted');
    await migrate(empty.url, { folder: await migrationsFolder(onTestFinished, { added: [NEXT] }) });
    expect(await ping()).toBe('accepted');
  });

  it('does not wait for the lock of a table', async ({ onTestFinished }) => {
    const empty = await emptyDatabase(onTestFinished);
    await migrate(empty.url);
    const { table } = findNewestColumn();
    const { db, close } = openDatabase({ url: empty.url, poolSize: 1 });
    onTestFinished(() => close(1));
    await empty.sql.begin(async (tx) => {
      await tx`lock table ${tx(table)} in access exclusive mode`;
      await pingDatabase(db);
    });
  });

  it('rejects a database in which a table lacks a column, as one without the table', async ({ onTestFinished }) => {
    const empty = await emptyDatabase(onTestFinished);
    await migrate(empty.url);
    const queries: string[] = [];
    const { db, close } = openDatabase({ url: empty.url, poolSize: 1, onQuery: (query) => void queries.push(query) });
    onTestFinished(() => close(1));
    await pingDatabase(db);
    const [, table = '', column = ''] = /to_regclass\('"(\w+)"'\), '(\w+)'/.exec(queries.at(-1) ?? '') ?? [];
    await empty.sql`alter table ${empty.sql(table)} rename column ${empty.sql(column)} to other`;
    await expect(pingDatabase(db)).rejects.toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
      message: 'the database is not migrated',
    });
  });
});
