import { describe, expect } from '../support/fixtures.ts';
import { it, runCutover, runSuccessfully, sample } from './support/cutover.ts';
import { dump } from './support/dump.ts';
import { undoLaterMigrations } from './support/version-2.ts';

/** Objects besides rows that a rollback must restore. */
const OTHER_OBJECTS = [
  'grant select, insert on badges to pg_read_all_data',
  'grant usage on sequence badges_id_seq to pg_read_all_data',
  'create table alembic_version (version_num varchar(32) primary key)',
  'create view badge_counts as select owner_id, count(*) as badges from badges group by 1',
  'create table comments (id int primary key, author int constraint comments_author_fkey references users (id))',
  'alter table learning_goals add column color varchar',
  "comment on table badges is 'Badges of users'",
  'alter sequence learning_goals_id_seq owned by none',
  // The name of a new index.
  'create index badges_id_idx on badges (id)',
];

const NEW_BADGE =
  "insert into badges (auth_user_id, name, description, icon_url, date_achieved) values ('1', 'N', 'n', '/n', now())";

describe('npm run legacy -- rollback', () => {
  it.for(['a', 'b', 'c'] as const)('restores a database of era %s exactly', async (era, { createDatabase }) => {
    const db = await createDatabase(sample(era), ...(era === 'a' ? OTHER_OBJECTS : []));
    const before = await dump(db.sql);
    await runSuccessfully(db, 'migrate');
    expect(await dump(db.sql)).not.toEqual(before);
    await runSuccessfully(db, 'rollback');
    expect(await dump(db.sql)).toEqual(before);
    await runSuccessfully(db, 'migrate');
    await runSuccessfully(db, 'verify --strict');
  });

  it('restores the migrations table that a failed db:migrate created', async ({ createDatabase }) => {
    const db = await createDatabase(
      sample('a'),
      'create schema drizzle',
      'create table drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint)',
      "select setval('drizzle.__drizzle_migrations_id_seq', 9)",
    );
    const before = await dump(db.sql);
    await runSuccessfully(db, 'migrate');
    await runSuccessfully(db, 'rollback');
    expect(await dump(db.sql)).toEqual(before);
  });

  it.for(['create schema drizzle', 'create schema drizzle; create table drizzle.others (id int)'])(
    'restores a schema drizzle that existed before: %s',
    async (statement, { createDatabase }) => {
      const db = await createDatabase(sample('a'), statement);
      const before = await dump(db.sql);
      await runSuccessfully(db, 'migrate');
      await runSuccessfully(db, 'rollback');
      expect(await dump(db.sql)).toEqual(before);
    },
  );

  it.for<[string, string]>([
    ['a new badge', NEW_BADGE],
    ['a new user', "insert into auth_users (id) values ('new')"],
    ['a changed goal', "update learning_goals set title = 'Changed', version = 2, updated_at = now() where id = 1"],
    ['a deleted goal', 'delete from learning_goals where id = 1'],
    ['a change of tracked data', "update auth_users set tracking_version = 1 where id = '1'"],
    [
      'a new badge definition',
      "insert into badge_definitions (key, state, version, created_at, updated_at) values ('k-1', 'draft', 1, now(), now())",
    ],
    ['a manually changed badge', "update badges set name = 'Mine' where id = 1"],
  ])(
    'is rejected after %s, unless --discard-new is passed',
    async ([, statement], { createMigrated, migratedOnce }) => {
      const db = await createMigrated();
      await db.sql.unsafe(statement);
      const migrated = await dump(db.sql);

      expect((await runCutover(db, 'verify --strict')).code).toBe(1);
      const { code, stderr } = await runCutover(db, 'rollback');
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('were written since') });
      expect(await dump(db.sql)).toEqual(migrated);
      await runSuccessfully(db, 'rollback --discard-new');
      expect(await dump(db.sql)).toEqual(migratedOnce.v1);
    },
  );

  it.for(['rollback', 'rollback --discard-new'])(
    'restores a database that version 2.0.0 migrated, and leaves tables with the names of later ones alone: %s',
    async (line, { createMigrated, migratedOnce }) => {
      const db = await createMigrated();
      await undoLaterMigrations(db);
      await db.sql`create table public.activities (note text)`;
      await runSuccessfully(db, line);
      await db.sql`drop table public.activities`;
      expect(await dump(db.sql)).toEqual(migratedOnce.v1);
    },
  );

  it('is rejected after a new badge in a database that version 2.0.0 migrated', async ({ createMigrated }) => {
    const db = await createMigrated();
    await undoLaterMigrations(db);
    await db.sql.unsafe(NEW_BADGE);
    const { code, stderr } = await runCutover(db, 'rollback');
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('1 new in badges.') });
  });

  it('changes nothing while another object depends on the new tables', async ({ createMigrated }) => {
    const db = await createMigrated();
    await db.sql`create view public.report as select count(*) from public.badges`;
    const before = await dump(db.sql);
    const { code, stderr } = await runCutover(db, 'rollback');
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringContaining('view report depends on table badges'),
    });
    expect(await dump(db.sql)).toEqual(before);
  });

  it('is rejected when nothing was migrated', async ({ createDatabase }) => {
    const db = await createDatabase(sample('a'));
    const { code, stderr } = await runCutover(db, 'rollback');
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('nothing has been migrated') });
  });
});

describe('--dry-run', () => {
  it.for(['a', 'b', 'c'] as const)(
    'of migrate reports the result for era %s and changes nothing',
    async (era, { createDatabase }) => {
      const db = await createDatabase(sample(era), ...(era === 'a' ? OTHER_OBJECTS : []));
      const before = await dump(db.sql);
      const { code, stdout, stderr } = await runCutover(db, 'migrate --dry-run --batch-size 500');
      expect(stderr).toContain('the v1 tables are locked until');
      expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('Verified') });
      expect(stdout).toContain('This was a dry run');
      expect(await dump(db.sql)).toEqual(before);
    },
  );

  it('of rollback and finalize changes nothing', async ({ createMigrated }) => {
    const db = await createMigrated();
    const before = await dump(db.sql);
    expect(await runSuccessfully(db, 'rollback --dry-run')).toContain('This was a dry run');
    expect(await runSuccessfully(db, 'finalize --dry-run')).toContain('This was a dry run');
    expect(await dump(db.sql)).toEqual(before);
  });
});
