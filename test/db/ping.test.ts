import { openDatabase } from '../../src/db/client.ts';
import { migrate } from '../../src/db/migrations.ts';
import { pingDatabase } from '../../src/db/ping.ts';
import { describe, expect, it } from '../support/fixtures.ts';
import { countMigrations, emptyDatabase, migrationsFolder } from '../support/migrations.ts';

const NEXT = { tag: '90_next', statements: ['alter table badges add column later int', 'create table later (id int)'] };

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

  it('rejects a database in which a table lacks a column, as one without the table', async ({ onTestFinished }) => {
    const empty = await emptyDatabase(onTestFinished);
    await migrate(empty.url);
    const { db, close } = openDatabase({ url: empty.url, poolSize: 1 });
    onTestFinished(() => close(1));
    await empty.sql`alter table badge_backfills rename column id to other`;
    await expect(pingDatabase(db)).rejects.toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
      message: 'the database is not migrated',
    });
  });
});
