import type { TestDatabase } from '../support/database.ts';
import { describe, expect } from '../support/fixtures.ts';
import { it, nextIds, runCutover, runSuccessfully, sample } from './support/cutover.ts';

const badgesOf = async ({ sql }: TestDatabase) => [
  ...(await sql`
    select id::int, auth_user_id as owner, name, description, icon_url as icon, date_achieved::text as at, source
    from badges order by id`),
];
const goalsOf = async ({ sql }: TestDatabase) => [
  ...(await sql`
    select id::int, auth_user_id as owner, title, description, status, streak_count as streak, version,
      completed_at is not null as completed
    from learning_goals order by id`),
];
const usersOf = async ({ sql }: TestDatabase) =>
  (await sql`select id from auth_users order by id`).map(({ id }) => id as string);
const orphansOf = async ({ sql }: TestDatabase) => [
  ...(await sql`select table_name as of, row_id::int as id, reason from legacy.orphans order by 1, 2`),
];
const replacedValuesOf = async ({ sql }: TestDatabase) => [
  ...(await sql`
    select table_name as of, row_id::int as id, column_name as column, original, reason
    from legacy.value_notes order by 1, 2, 3`),
];
const replacedStatusesOf = async ({ sql }: TestDatabase) => [
  ...(await sql`select goal_id::int as id, original from legacy.status_notes order by 1`),
];

describe('a database of era A', () => {
  it('keeps the id and owner of every row, and reads timestamps without time zone as UTC', async ({
    createDatabase,
  }) => {
    const db = await createDatabase(sample('a'));
    await runSuccessfully(db, 'migrate');
    const firstSteps = { name: 'First steps', description: 'Finished the first lesson', icon: '/icons/first.png' };
    const imported2023 = { at: '2023-01-01 00:00:00+00', source: 'import' };
    expect(await badgesOf(db)).toEqual([
      { id: 1, owner: '1', ...firstSteps, ...imported2023 },
      { id: 2, owner: '1', ...firstSteps, ...imported2023 },
      {
        ...{ id: 5, owner: '2', name: 'Über-achiever', description: 'Ten lessons — “quoted”' },
        ...{ icon: 'https://cdn.example.com/u.png', at: '2023-10-29 01:30:00.123456+00', source: 'import' },
      },
    ]);
    const goal = { description: null, version: 1, completed: false };
    expect(await goalsOf(db)).toEqual([
      { ...goal, id: 1, owner: '1', title: 'Learn SQL', description: 'joins', status: 'in-progress', streak: 5 },
      { ...goal, id: 2, owner: '1', title: 'Learn GraphQL', status: 'in-progress', streak: 0 },
      {
        ...goal,
        id: 3,
        owner: '2',
        title: 'Ship it',
        description: '',
        status: 'completed',
        streak: 30,
        completed: true,
      },
      {
        ...{ ...goal, id: 4, owner: '2', title: 'Odd status', description: 'free text was allowed' },
        ...{ status: 'in-progress', streak: 2 },
      },
    ]);
    expect(await usersOf(db)).toEqual(['1', '2', '7']);
    expect(await orphansOf(db)).toEqual([
      { of: 'badges', id: 9, reason: 'no owner' },
      { of: 'learning_goals', id: 11, reason: 'no owner' },
    ]);
    expect(await replacedStatusesOf(db)).toEqual([{ id: 4, original: 'almost there' }]);
    expect(await replacedValuesOf(db)).toEqual([]);
    await runSuccessfully(db, 'verify --strict');
  });

  it('generates new ids above every v1 id, including those of deleted rows', async ({ createDatabase }) => {
    const db = await createDatabase(sample('a'), "select setval('badges_id_seq', 70)");
    await runSuccessfully(db, 'migrate');
    expect(await nextIds(db)).toEqual({ badge: 71, goal: 12 });
  });

  it('keeps the profiles of users in legacy.users, and reports it', async ({ createDatabase }) => {
    const db = await createDatabase(sample('a'));
    const before = await db.sql`select * from users order by id`;
    expect(await runSuccessfully(db, 'migrate')).toContain('they stay in legacy.users');
    expect(await db.sql`select * from legacy.users order by id`).toEqual(before);
  });

  it('stores complete rows as orphans when their owner does not exist or has an invalid id', async ({
    createDatabase,
  }) => {
    const db = await createDatabase(
      sample('a'),
      'alter table badges drop constraint badges_owner_id_fkey',
      "insert into users (id, username) values (-4, 'minus')",
      "insert into badges (id, name, owner_id) values (20, 'Unknown owner', 99), (21, 'Negative owner', -4)",
    );
    await runSuccessfully(db, 'migrate');
    expect(await orphansOf(db)).toEqual([
      { of: 'badges', id: 9, reason: 'no owner' },
      { of: 'badges', id: 20, reason: 'unknown owner' },
      { of: 'badges', id: 21, reason: 'owner id not allowed' },
      { of: 'learning_goals', id: 11, reason: 'no owner' },
      { of: 'users', id: -4, reason: 'owner id not allowed' },
    ]);
    const [badge] = await db.sql`select row_data from legacy.orphans where table_name = 'badges' and row_id = 20`;
    expect(badge?.row_data).toMatchObject({ id: 20, name: 'Unknown owner', owner_id: 99, icon_url: null });
    const [user] = await db.sql`select row_data from legacy.orphans where table_name = 'users'`;
    expect(user?.row_data).toEqual({ id: -4 });
    await runSuccessfully(db, 'verify --strict');
  });
});

describe('a database of era B', () => {
  it('is copied in batches, with placeholders for missing texts and their originals recorded', async ({
    createDatabase,
  }) => {
    const db = await createDatabase(sample('b'));
    await runSuccessfully(db, 'migrate --batch-size 999');
    expect(await db.rowCounts()).toMatchObject({ auth_users: 2, badges: 5000, learning_goals: 2000 });
    const ada = '6f9619ff-8b86-4d01-b42d-00c04fc964ff';
    const [badge] = await db.sql`select auth_user_id, description, icon_url from badges where id = 70`;
    expect(badge).toEqual({ auth_user_id: ada, description: 'No description', icon_url: '/icons/badge.png' });
    const replaced =
      await db.sql`select column_name, count(*)::int as rows from legacy.value_notes group by 1 order by 1`;
    expect(replaced).toEqual([
      { column_name: 'description', rows: 714 },
      { column_name: 'icon_url', rows: 1000 },
    ]);
    await runSuccessfully(db, 'verify --strict');
  });

  it('keeps credentials only in legacy.users', async ({ createDatabase }) => {
    const db = await createDatabase(sample('b'), "update users set password_hash = 'a secret'");
    await runSuccessfully(db, 'migrate');
    expect(JSON.stringify(await db.snapshot())).not.toContain('a secret');
    expect(await db.sql`select distinct password_hash from legacy.users`).toHaveLength(1);
    const replaced =
      await db.sql`select o::text from legacy.orphans o union all select v::text from legacy.value_notes v`;
    expect(JSON.stringify(replaced)).not.toContain('a secret');
  });
});

describe('a database of era C', () => {
  it('takes the owner from auth_user_id, or from owner_id where that is null', async ({ createDatabase }) => {
    const db = await createDatabase(sample('c'));
    const inspected = await runSuccessfully(db, 'inspect');
    expect(inspected).toContain('are assumed to exist');
    await runSuccessfully(db, 'migrate');
    const owners = await db.sql`select id::int, auth_user_id as owner from badges order by id`;
    expect(owners.map(({ id, owner }) => [id, owner])).toEqual([
      [1, '1'],
      [2, '3'],
      [3, '2'],
      [4, '1'],
      [5, '2'],
    ]);
    expect(await usersOf(db)).toEqual(['1', '2', '3']);
    await runSuccessfully(db, 'verify --strict');
  });

  it('stores rows without auth_user_id as orphans when there is no owner_id', async ({ createDatabase }) => {
    const db = await createDatabase(sample('c'), 'alter table badges drop column owner_id');
    await runSuccessfully(db, 'migrate');
    expect((await orphansOf(db)).filter(({ of }) => of === 'badges')).toEqual([
      { of: 'badges', id: 2, reason: 'no owner' },
      { of: 'badges', id: 6, reason: 'no owner' },
      { of: 'badges', id: 8, reason: 'owner id not allowed' },
    ]);
    await runSuccessfully(db, 'verify --strict');
  });

  it('looks up owner_id when the table users exists', async ({ createDatabase }) => {
    const db = await createDatabase(
      sample('c'),
      'create table users (id int primary key)',
      'insert into users values (1)',
    );
    await runSuccessfully(db, 'migrate');
    expect(await orphansOf(db)).toContainEqual({ of: 'badges', id: 2, reason: 'unknown owner' });
    expect(await usersOf(db)).toEqual(['1', '2']);
    await runSuccessfully(db, 'verify --strict');
  });

  it('replaces and records values that the constraints reject, and keeps those that only the API rejects', async ({
    createDatabase,
  }) => {
    const db = await createDatabase(sample('c'));
    await runSuccessfully(db, 'migrate');
    expect(await replacedValuesOf(db)).toEqual([
      { of: 'badges', id: 4, column: 'date_achieved', original: 'infinity', reason: 'outside of the years 1 to 9999' },
      { of: 'badges', id: 4, column: 'description', original: null, reason: 'null' },
      { of: 'badges', id: 4, column: 'name', original: '', reason: 'empty' },
      { of: 'badges', id: 5, column: 'date_achieved', original: null, reason: 'null' },
      { of: 'badges', id: 5, column: 'name', original: 'é'.repeat(120), reason: 'too long' },
      { of: 'learning_goals', id: 2, column: 'streak_count', original: null, reason: 'null' },
      { of: 'learning_goals', id: 4, column: 'streak_count', original: '-3', reason: 'negative' },
      { of: 'learning_goals', id: 4, column: 'title', original: null, reason: 'null' },
    ]);
    expect(await replacedStatusesOf(db)).toEqual([
      { id: 4, original: null },
      { id: 5, original: 'Not Started' },
    ]);
    const epoch = '1970-01-01 00:00:00+00';
    expect((await badgesOf(db)).slice(3)).toMatchObject([
      { id: 4, name: 'Untitled badge', description: 'No description', icon: 'javascript:alert(1)', at: epoch },
      { id: 5, name: 'é'.repeat(100), description: 'tab\there', icon: '//cdn.example.com/x.png', at: epoch },
    ]);
    expect(await goalsOf(db)).toMatchObject([{}, {}, {}, { id: 4, title: 'Untitled goal', streak: 0 }, {}]);
  });

  it('keeps and reports other tables', async ({ createDatabase }) => {
    const db = await createDatabase(sample('c'));
    expect(await runSuccessfully(db, 'migrate')).toContain('alembic_version');
    expect(await db.sql`select version_num from public.alembic_version`).toEqual([{ version_num: '4f2c9d1e77aa' }]);
  });
});

describe('a database without user tables', () => {
  it('assumes that its owners exist, and inspect counts them', async ({ createDatabase }) => {
    const db = await createDatabase(sample('a'), 'drop table users cascade');
    expect(JSON.parse(await runSuccessfully(db, 'inspect --json'))).toMatchObject({
      rows: { badges: 4, learning_goals: 5 },
      users: 2,
      ownersChecked: { badges: false, learning_goals: false },
    });
    await runSuccessfully(db, 'migrate');
    expect(await usersOf(db)).toEqual(['1', '2']);
    await runSuccessfully(db, 'verify --strict');
  });
});

describe('a database with more than the known layout', () => {
  it('keeps additional columns in legacy, and inspect and migrate report them', async ({ createDatabase }) => {
    const db = await createDatabase(
      sample('c'),
      'alter table badges add column level int default 3',
      'alter table auth_users add column email varchar',
    );
    for (const line of ['inspect', 'migrate']) {
      const report = await runSuccessfully(db, line);
      expect(report).toContain('badges.level');
      expect(report).toContain('auth_users.email');
    }
    expect(await db.sql`select distinct level from legacy.badges`).toEqual([{ level: 3 }]);
  });

  it('is inspected with a count per frequent unknown status, one for the rest, and no control characters', async ({
    createDatabase,
  }) => {
    const db = await createDatabase(
      sample('a'),
      "insert into learning_goals (title, status, owner_id) select 'T', 's' || i % 24, 1 from generate_series(0, 47) i",
      "update learning_goals set status = E'\\x1b[2J' where status = 's0'",
    );
    const { replacements } = JSON.parse(await runSuccessfully(db, 'inspect --json'));
    const statuses = replacements.filter(({ subject }: { subject: string }) => subject === 'learning_goals.status');
    expect(statuses).toHaveLength(21);
    expect(statuses.at(-1)).toEqual({ subject: 'learning_goals.status', reason: 'other statuses', rows: 9 });
    expect(await runSuccessfully(db, 'inspect')).not.toContain('\u001b');
  });

  it('is inspected with a warning for users above the row limits', async ({ createDatabase }) => {
    const db = await createDatabase(sample('b'));
    const { warnings } = JSON.parse(await runSuccessfully(db, 'inspect --json'));
    expect(warnings).toContainEqual({
      subject: 'badges',
      reason: expect.stringContaining('MAX_BADGES_PER_USER'),
      rows: 2,
    });
  });
});

describe('timestamps with a time zone', () => {
  it('keep their value', async ({ createDatabase }) => {
    const db = await createDatabase(
      sample('a'),
      "alter table badges alter date_achieved type timestamptz using date_achieved at time zone 'Europe/Berlin'",
    );
    expect(await runSuccessfully(db, 'inspect')).not.toContain('no time zone');
    await runSuccessfully(db, 'migrate');
    await runSuccessfully(db, 'verify --strict');
    const [badge] = await db.sql`select extract(epoch from date_achieved)::int as at from badges where id = 1`;
    expect(badge?.at).toBe(Date.UTC(2022, 11, 31, 23) / 1000);
  });
});

describe('a database that has been migrated', () => {
  it('is not changed by a second migration', async ({ createDatabase }) => {
    const db = await createDatabase(sample('a'));
    await runSuccessfully(db, 'migrate');
    const before = await db.snapshot();
    const { code, stdout } = await runCutover(db, 'migrate');
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('already been migrated') });
    expect(await db.snapshot()).toEqual(before);
  });
});
