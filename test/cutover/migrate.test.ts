import type { TestDatabase } from '../support/database.ts';
import { describe, expect } from '../support/fixtures.ts';
import { it, legacy, sample, succeed } from './support/cutover.ts';

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
const peopleOf = async ({ sql }: TestDatabase) =>
  (await sql`select id from auth_users order by id`).map(({ id }) => id as string);
const orphansOf = async ({ sql }: TestDatabase) => [
  ...(await sql`select table_name as of, row_id::int as id, reason from legacy.orphans order by 1, 2`),
];
const notesOf = async ({ sql }: TestDatabase) => [
  ...(await sql`
    select table_name as of, row_id::int as id, column_name as column, original, reason
    from legacy.value_notes order by 1, 2, 3`),
];
const statusNotesOf = async ({ sql }: TestDatabase) => [
  ...(await sql`select goal_id::int as id, original from legacy.status_notes order by 1`),
];
const nextIds = async ({ sql }: TestDatabase) => {
  const [row] = await sql`
    select nextval('badges_id_seq')::int as badge, nextval('learning_goals_id_seq')::int as goal`;
  return row;
};

describe('a database of era A', () => {
  it('has every row carried over, its id and owner kept, naive instants read as UTC', async ({ databaseOf }) => {
    const db = await databaseOf(sample('a'));
    await succeed(db, 'migrate');
    const first = { name: 'First steps', description: 'Finished the first lesson', icon: '/icons/first.png' };
    const from2023 = { at: '2023-01-01 00:00:00+00', source: 'import' };
    expect(await badgesOf(db)).toEqual([
      { id: 1, owner: '1', ...first, ...from2023 },
      { id: 2, owner: '1', ...first, ...from2023 },
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
    expect(await peopleOf(db)).toEqual(['1', '2', '7']);
    expect(await orphansOf(db)).toEqual([
      { of: 'badges', id: 9, reason: 'no owner' },
      { of: 'learning_goals', id: 11, reason: 'no owner' },
    ]);
    expect(await statusNotesOf(db)).toEqual([{ id: 4, original: 'almost there' }]);
    expect(await notesOf(db)).toEqual([]);
    await succeed(db, 'verify --strict');
  });

  it('numbers new rows past every id that a client may have seen, also of rows that are gone', async ({
    databaseOf,
  }) => {
    const db = await databaseOf(sample('a'), "select setval('badges_id_seq', 70)");
    await succeed(db, 'migrate');
    expect(await nextIds(db)).toEqual({ badge: 71, goal: 12 });
  });

  it('leaves what the users said of themselves where it is, and says so', async ({ databaseOf }) => {
    const db = await databaseOf(sample('a'));
    const before = await db.sql`select * from users order by id`;
    expect(await succeed(db, 'migrate')).toContain('they stay in legacy.users');
    expect(await db.sql`select * from legacy.users order by id`).toEqual(before);
  });

  it('has rows whose owner is not there or cannot be one among the orphans, whole', async ({ databaseOf }) => {
    const db = await databaseOf(
      sample('a'),
      'alter table badges drop constraint badges_owner_id_fkey',
      "insert into users (id, username) values (-4, 'minus')",
      "insert into badges (id, name, owner_id) values (20, 'Of nobody', 99), (21, 'Of minus four', -4)",
    );
    await succeed(db, 'migrate');
    expect(await orphansOf(db)).toEqual([
      { of: 'badges', id: 9, reason: 'no owner' },
      { of: 'badges', id: 20, reason: 'unknown owner' },
      { of: 'badges', id: 21, reason: 'owner id not allowed' },
      { of: 'learning_goals', id: 11, reason: 'no owner' },
      { of: 'users', id: -4, reason: 'owner id not allowed' },
    ]);
    const [badge] = await db.sql`select row_data from legacy.orphans where table_name = 'badges' and row_id = 20`;
    expect(badge?.row_data).toMatchObject({ id: 20, name: 'Of nobody', owner_id: 99, icon_url: null });
    const [person] = await db.sql`select row_data from legacy.orphans where table_name = 'users'`;
    expect(person?.row_data).toEqual({ id: -4 });
    await succeed(db, 'verify --strict');
  });
});

describe('a database of era B', () => {
  it('has thousands of rows carried over in batches, absent texts replaced and noted', async ({ databaseOf }) => {
    const db = await databaseOf(sample('b'));
    await succeed(db, 'migrate --batch-size 999');
    expect(await db.rowCounts()).toMatchObject({ auth_users: 2, badges: 5000, learning_goals: 2000 });
    const ada = '6f9619ff-8b86-4d01-b42d-00c04fc964ff';
    const [badge] = await db.sql`select auth_user_id, description, icon_url from badges where id = 70`;
    expect(badge).toEqual({ auth_user_id: ada, description: 'No description', icon_url: '/icons/badge.png' });
    const notes = await db.sql`select column_name, count(*)::int as rows from legacy.value_notes group by 1 order by 1`;
    expect(notes).toEqual([
      { column_name: 'description', rows: 714 },
      { column_name: 'icon_url', rows: 1000 },
    ]);
    await succeed(db, 'verify --strict');
  });

  it('has its credentials left untouched and copied nowhere', async ({ databaseOf }) => {
    const db = await databaseOf(sample('b'), "update users set password_hash = 'a secret nobody may copy'");
    await succeed(db, 'migrate');
    expect(JSON.stringify(await db.snapshot())).not.toContain('a secret');
    expect(await db.sql`select distinct password_hash from legacy.users`).toHaveLength(1);
    const notes = await db.sql`select o::text from legacy.orphans o union all select v::text from legacy.value_notes v`;
    expect(JSON.stringify(notes)).not.toContain('a secret');
  });
});

describe('a database of era C', () => {
  it('has its rows owned by auth_user_id, or where that is null by the owner_id that is left', async ({
    databaseOf,
  }) => {
    const db = await databaseOf(sample('c'));
    const inspected = await succeed(db, 'inspect');
    expect(inspected).toContain('they are taken to exist');
    await succeed(db, 'migrate');
    const owners = await db.sql`select id::int, auth_user_id as owner from badges order by id`;
    expect(owners.map(({ id, owner }) => [id, owner])).toEqual([
      [1, '1'],
      [2, '3'],
      [3, '2'],
      [4, '1'],
      [5, '2'],
    ]);
    expect(await peopleOf(db)).toEqual(['1', '2', '3']);
    await succeed(db, 'verify --strict');
  });

  it('without a left-over owner_id has rows without an owner among the orphans', async ({ databaseOf }) => {
    const db = await databaseOf(sample('c'), 'alter table badges drop column owner_id');
    await succeed(db, 'migrate');
    expect((await orphansOf(db)).filter(({ of }) => of === 'badges')).toEqual([
      { of: 'badges', id: 2, reason: 'no owner' },
      { of: 'badges', id: 6, reason: 'no owner' },
      { of: 'badges', id: 8, reason: 'owner id not allowed' },
    ]);
    await succeed(db, 'verify --strict');
  });

  it('has a left-over owner_id looked up where there still is a table of users', async ({ databaseOf }) => {
    const db = await databaseOf(sample('c'), 'create table users (id int primary key)', 'insert into users values (1)');
    await succeed(db, 'migrate');
    expect(await orphansOf(db)).toContainEqual({ of: 'badges', id: 2, reason: 'unknown owner' });
    expect(await peopleOf(db)).toEqual(['1', '2']);
    await succeed(db, 'verify --strict');
  });

  it('has what today’s constraints refuse replaced and noted, and what only the API refuses kept', async ({
    databaseOf,
  }) => {
    const db = await databaseOf(sample('c'));
    await succeed(db, 'migrate');
    expect(await notesOf(db)).toEqual([
      { of: 'badges', id: 4, column: 'date_achieved', original: 'infinity', reason: 'outside of the years 1 to 9999' },
      { of: 'badges', id: 4, column: 'description', original: null, reason: 'null' },
      { of: 'badges', id: 4, column: 'name', original: '', reason: 'empty' },
      { of: 'badges', id: 5, column: 'date_achieved', original: null, reason: 'null' },
      { of: 'badges', id: 5, column: 'name', original: 'é'.repeat(120), reason: 'too long' },
      { of: 'learning_goals', id: 2, column: 'streak_count', original: null, reason: 'null' },
      { of: 'learning_goals', id: 4, column: 'streak_count', original: '-3', reason: 'negative' },
      { of: 'learning_goals', id: 4, column: 'title', original: null, reason: 'null' },
    ]);
    expect(await statusNotesOf(db)).toEqual([
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

  it('keeps tables that are nobody’s business here, and names them', async ({ databaseOf }) => {
    const db = await databaseOf(sample('c'));
    expect(await succeed(db, 'migrate')).toContain('alembic_version');
    expect(await db.sql`select version_num from public.alembic_version`).toEqual([{ version_num: '4f2c9d1e77aa' }]);
  });
});

describe('a database without any table of people', () => {
  it('has its owners taken to exist, and counted before', async ({ databaseOf }) => {
    const db = await databaseOf(sample('a'), 'drop table users cascade');
    expect(JSON.parse(await succeed(db, 'inspect --json'))).toMatchObject({
      rows: { badges: 4, learning_goals: 5 },
      owners: 2,
      ownersChecked: { badges: false, learning_goals: false },
    });
    await succeed(db, 'migrate');
    expect(await peopleOf(db)).toEqual(['1', '2']);
    await succeed(db, 'verify --strict');
  });
});

describe('a database with more than its era had', () => {
  it('has columns without a place named before and after, and left in legacy', async ({ databaseOf }) => {
    const db = await databaseOf(
      sample('c'),
      'alter table badges add column level int default 3',
      'alter table auth_users add column email varchar',
    );
    for (const line of ['inspect', 'migrate']) {
      const report = await succeed(db, line);
      expect(report).toContain('badges.level');
      expect(report).toContain('auth_users.email');
    }
    expect(await db.sql`select distinct level from legacy.badges`).toEqual([{ level: 3 }]);
  });

  it('has all of its odd statuses counted, the rare ones together, and none of them obeyed by a terminal', async ({
    databaseOf,
  }) => {
    const db = await databaseOf(
      sample('a'),
      "insert into learning_goals (title, status, owner_id) select 'T', 's' || i % 24, 1 from generate_series(0, 47) i",
      "update learning_goals set status = E'\\x1b[2J' where status = 's0'",
    );
    const { changes } = JSON.parse(await succeed(db, 'inspect --json'));
    const statuses = changes.filter(({ what }: { what: string }) => what === 'learning_goals.status');
    expect(statuses).toHaveLength(21);
    expect(statuses.at(-1)).toEqual({ what: 'learning_goals.status', reason: 'other texts', rows: 9 });
    expect(await succeed(db, 'inspect')).not.toContain('\u001b');
  });

  it('has people who own more than today’s limits let them told before', async ({ databaseOf }) => {
    const db = await databaseOf(sample('b'));
    const { remarks } = JSON.parse(await succeed(db, 'inspect --json'));
    expect(remarks).toContainEqual({ what: 'badges', reason: expect.stringContaining('MAX_BADGES_PER_USER'), rows: 2 });
  });
});

describe('a sequence that no table owns', () => {
  it('moves along when it numbers an old table, and counts as one of its own', async ({ databaseOf }) => {
    const db = await databaseOf(
      sample('a'),
      'alter sequence badges_id_seq owned by none',
      "select setval('badges_id_seq', 33)",
    );
    await succeed(db, 'migrate');
    expect(await nextIds(db)).toMatchObject({ badge: 34 });
  });
});

describe('a database that has been migrated', () => {
  it('is left as it is by a second migration, which says so', async ({ databaseOf }) => {
    const db = await databaseOf(sample('a'));
    await succeed(db, 'migrate');
    const before = await db.snapshot();
    const { code, stdout } = await legacy(db, 'migrate');
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('migrated already') });
    expect(await db.snapshot()).toEqual(before);
  });
});
