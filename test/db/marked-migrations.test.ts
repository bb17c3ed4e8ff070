import { setTimeout as delay } from 'node:timers/promises';
import { inject } from 'vitest';
import { migrate } from '../../src/db/migrations.ts';
import { createTestDatabase, withLongLockTimeout } from '../support/database.ts';
import { badgeBody, describe, expect, it } from '../support/fixtures.ts';
import { countAdded, emptyDatabase, migrationsFolder } from '../support/migrations.ts';

const MIGRATIONS = [
  ['-- concurrently\ncreate index concurrently if not exists badges_name_idx on badges (name)'],
  ['alter table badges add column extra int'],
  [
    '-- concurrently\n-- repeat\nupdate badges set extra = 1 where id in (select id from badges where extra is null limit 10)',
    'create index concurrently if not exists badges_extra_idx on badges (extra)',
  ],
];
const added = MIGRATIONS.map((statements, index) => ({ tag: `9${index}_marked`, statements }));

const validIndexes = `
  select relname as name from pg_index join pg_class on pg_class.oid = indexrelid
  where indisvalid and relname in ('badges_name_idx', 'badges_extra_idx') order by 1`;
const done = [{ name: 'badges_extra_idx' }, { name: 'badges_name_idx' }];

describe('marked migrations', () => {
  it('run once among others when four processes migrate at the same time, while requests write, by any default isolation', {
    timeout: 60_000,
  }, async ({ serve, createUser, onTestFinished }) => {
    const db = await createTestDatabase(inject('databaseServerUrl'), inject('databaseTemplate'));
    onTestFinished(() => db.drop());
    const service = await serve({ DATABASE_URL: withLongLockTimeout(db.url) });
    const [current] = await db.sql`select current_database() as name`;
    await db.sql`alter database ${db.sql(current?.name)} set default_transaction_isolation = 'repeatable read'`;
    const folder = await migrationsFolder(onTestFinished, { added });
    const { id, token } = await createUser();
    const create = async () => (await service.rest(`/users/${id}/badges`, { token, body: badgeBody() })).status;
    for (let i = 0; i < 25; i++) expect(await create()).toBe(200);
    const statuses = new Set<number>();
    let isOver = false;
    const client = (async () => {
      while (!isOver) {
        statuses.add(await create());
        await delay(10);
      }
    })();
    await Promise.all(Array.from({ length: 4 }, () => migrate(db.url, { folder })));
    isOver = true;
    await client;
    expect([...statuses]).toEqual([200]);
    expect(await db.sql.unsafe(countAdded)).toEqual([{ count: MIGRATIONS.length }]);
    expect(await db.sql.unsafe(validIndexes)).toEqual(done);
    expect(await db.sql`select count(*)::int as count from badges where extra = 1`).toEqual([
      { count: expect.toSatisfy((count: number) => count >= 25) },
    ]);
  });

  it('are part of the transaction in a new database', async ({ onTestFinished }) => {
    const folder = await migrationsFolder(onTestFinished, { added });
    const empty = await emptyDatabase(onTestFinished);
    const lines: string[] = [];
    await migrate(empty.url, { folder, print: (line) => void lines.push(line) });
    expect(lines).toEqual([]);
    expect(await empty.sql.unsafe(countAdded)).toEqual([{ count: MIGRATIONS.length }]);
    expect(await empty.sql.unsafe(validIndexes)).toEqual(done);
  });
});
