import { describe, expect } from '../support/fixtures.ts';
import { it, legacy, sample, succeed } from './support/cutover.ts';
import { dump } from './support/dump.ts';

/** What a database may have beside rows: all of it has to come back. */
const FURNITURE = [
  'grant select, insert on badges to pg_read_all_data',
  'grant usage on sequence badges_id_seq to pg_read_all_data',
  'create table alembic_version (version_num varchar(32) primary key)',
  'create view busy as select owner_id, count(*) as badges from badges group by 1',
  'create table comments (id int primary key, author int constraint comments_author_fkey references users (id))',
  'alter table learning_goals add column color varchar',
  "comment on table badges is 'What people have earned'",
  'alter sequence learning_goals_id_seq owned by none',
];

describe('npm run legacy -- rollback', () => {
  it.for(['a', 'b', 'c'] as const)('puts a database of era %s back as it was', async (era, { databaseOf }) => {
    const db = await databaseOf(sample(era), ...(era === 'a' ? FURNITURE : []));
    const before = await dump(db.sql);
    await succeed(db, 'migrate');
    expect(await dump(db.sql)).not.toEqual(before);
    await succeed(db, 'rollback');
    expect(await dump(db.sql)).toEqual(before);
    await succeed(db, 'migrate');
    await succeed(db, 'verify --strict');
  });

  it('puts back what a db:migrate of earlier days has left of its journal', async ({ databaseOf }) => {
    const db = await databaseOf(
      sample('a'),
      'create schema drizzle',
      'create table drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint)',
      "select setval('drizzle.__drizzle_migrations_id_seq', 9)",
    );
    const before = await dump(db.sql);
    await succeed(db, 'migrate');
    await succeed(db, 'rollback');
    expect(await dump(db.sql)).toEqual(before);
  });

  it.for<[string, string]>([
    [
      'a new badge',
      "insert into badges (auth_user_id, name, description, icon_url, date_achieved) values ('1', 'N', 'n', '/n', now())",
    ],
    ['a new person', "insert into auth_users (id) values ('new')"],
    ['a changed goal', "update learning_goals set title = 'Changed', version = 2, updated_at = now() where id = 1"],
    ['a deleted goal', 'delete from learning_goals where id = 1'],
    ['a badge changed by hand', "update badges set name = 'Mine' where id = 1"],
  ])('refuses when there is %s since, unless it is to be discarded', async ([, statement], { databaseOf }) => {
    const db = await databaseOf(sample('a'));
    const before = await dump(db.sql);
    await succeed(db, 'migrate');
    await db.sql.unsafe(statement);
    const migrated = await dump(db.sql);

    const { code, stderr } = await legacy(db, 'rollback');
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('were written since') });
    expect(await dump(db.sql)).toEqual(migrated);
    await succeed(db, 'rollback --discard-new');
    expect(await dump(db.sql)).toEqual(before);
  });

  it('refuses when something new stands on the new tables, and changes nothing', async ({ databaseOf }) => {
    const db = await databaseOf(sample('a'));
    await succeed(db, 'migrate');
    await db.sql`create view public.report as select count(*) from public.badges`;
    const before = await dump(db.sql);
    const { code, stderr } = await legacy(db, 'rollback');
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringContaining('view report depends on table badges'),
    });
    expect(await dump(db.sql)).toEqual(before);
  });

  it('has nothing to do where nothing was migrated, and says so', async ({ databaseOf }) => {
    const db = await databaseOf(sample('a'));
    const { code, stderr } = await legacy(db, 'rollback');
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('nothing has been migrated') });
  });
});

describe('--dry-run', () => {
  it.for(['a', 'b', 'c'] as const)('of migrate reports on era %s and changes nothing', async (era, { databaseOf }) => {
    const db = await databaseOf(sample(era), ...(era === 'a' ? FURNITURE : []));
    const before = await dump(db.sql);
    const { code, stdout, stderr } = await legacy(db, 'migrate --dry-run --batch-size 500');
    expect(stderr).toContain('the old tables are locked until');
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('Verified') });
    expect(stdout).toContain('This was a dry run');
    expect(await dump(db.sql)).toEqual(before);
  });

  it('of rollback and finalize changes nothing', async ({ databaseOf }) => {
    const db = await databaseOf(sample('a'));
    await succeed(db, 'migrate');
    const before = await dump(db.sql);
    expect(await succeed(db, 'rollback --dry-run')).toContain('This was a dry run');
    expect(await succeed(db, 'finalize --dry-run')).toContain('This was a dry run');
    expect(await dump(db.sql)).toEqual(before);
  });
});
