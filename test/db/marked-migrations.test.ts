import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { inject } from 'vitest';
import { migrate } from '../../src/db/migrations.ts';
import { createEmptyDatabase } from '../support/database.ts';
import { badgeBody, describe, expect, it } from '../support/fixtures.ts';

const NEWER_THAN_ALL = 4_000_000_000_000;
const MIGRATIONS = [
  ['-- concurrently\ncreate index concurrently if not exists badges_name_idx on badges (name)'],
  ['alter table badges add column extra int'],
  [
    '-- concurrently\n-- repeat\nupdate badges set extra = 1 where id in (select id from badges where extra is null limit 10)',
    'create index concurrently if not exists badges_extra_idx on badges (extra)',
  ],
];

/** Returns a copy of `drizzle/` with the migrations behind those of the service, until the end of the test. */
async function migrationsFolder(onTestFinished: (end: () => Promise<void>) => void): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'user-service-migrations-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await cp('drizzle', folder, { recursive: true });
  const path = join(folder, 'meta/_journal.json');
  const journal = JSON.parse(await readFile(path, 'utf8'));
  for (const [index, sql] of MIGRATIONS.entries()) {
    const tag = `9${index}_marked`;
    await writeFile(join(folder, `${tag}.sql`), sql.join('\n--> statement-breakpoint\n'));
    journal.entries.push({ idx: 90 + index, version: '7', when: NEWER_THAN_ALL + index, tag, breakpoints: true });
  }
  await writeFile(path, JSON.stringify(journal));
  return folder;
}

const countMigrations = `select count(*)::int as count from drizzle.__drizzle_migrations where created_at >= ${NEWER_THAN_ALL}`;
const validIndexes = `
  select relname as name from pg_index join pg_class on pg_class.oid = indexrelid
  where indisvalid and relname in ('badges_name_idx', 'badges_extra_idx') order by 1`;
const done = [{ name: 'badges_extra_idx' }, { name: 'badges_name_idx' }];

describe('marked migrations', () => {
  it('run once among others when four processes migrate at the same time, while requests write', {
    timeout: 60_000,
  }, async ({ db, service, createUser, onTestFinished }) => {
    const folder = await migrationsFolder(onTestFinished);
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
    expect(await db.sql.unsafe(countMigrations)).toEqual([{ count: MIGRATIONS.length }]);
    expect(await db.sql.unsafe(validIndexes)).toEqual(done);
    expect(await db.sql`select count(*)::int as count from badges where extra = 1`).toEqual([
      { count: expect.toSatisfy((count: number) => count >= 25) },
    ]);
  });

  it('are part of the transaction in a new database', async ({ onTestFinished }) => {
    const folder = await migrationsFolder(onTestFinished);
    const empty = await createEmptyDatabase(inject('databaseServerUrl'), inject('databaseTemplate'));
    onTestFinished(() => empty.drop());
    const lines: string[] = [];
    await migrate(empty.url, { folder, print: (line) => void lines.push(line) });
    expect(lines).toEqual([]);
    expect(await empty.sql.unsafe(countMigrations)).toEqual([{ count: MIGRATIONS.length }]);
    expect(await empty.sql.unsafe(validIndexes)).toEqual(done);
  });
});
