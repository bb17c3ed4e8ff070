import { countTracked } from '../../src/cutover/verify/tracked-data.ts';
import type { TestDatabase } from '../support/database.ts';
import { describe, expect } from '../support/fixtures.ts';
import { it, runCutover, runSuccessfully, sample } from './support/cutover.ts';

/** Changes to a migrated database of era A, and the difference that verify reports. */
const CORRUPTIONS: [name: string, statement: string, message: string][] = [
  ['a badge was deleted', 'delete from badges where id = 2', 'badges 2: deleted manually'],
  ['badges were truncated', 'truncate badges', '3 missing'],
  ['a goal was deleted', 'delete from learning_goals where id = 2', 'learning_goals 2: deleted manually'],
  [
    'a goal was deleted after the clock of the server was set back',
    "delete from learning_goals where id = 2; update legacy.deletions set deleted_at = '2000-01-01'",
    'learning_goals 2: deleted manually',
  ],
  [
    'a badge has another name',
    "update badges set name = 'X' where id = 1",
    'badges 1: name is "X", expected "First steps"',
  ],
  ['a badge has another URL', "update badges set icon_url = '/x' where id = 1", 'badges 1: icon_url is "/x"'],
  [
    'a timestamp differs by a microsecond',
    "update badges set date_achieved = date_achieved + '1 us' where id = 5",
    'badges 5: date_achieved is',
  ],
  [
    'a timestamp differs by an hour',
    "update badges set date_achieved = date_achieved + '1 h' where id = 5",
    'badges 5: date_achieved is',
  ],
  [
    'a badge has another owner',
    "update badges set auth_user_id = '2' where id = 1",
    'badges 1: owner is "2", expected "1"',
  ],
  ['a badge has another id', 'update badges set id = 3 where id = 1', 'badges 3: unexpected'],
  [
    'a goal has another status',
    "update learning_goals set status = 'paused' where id = 1",
    'learning_goals 1: status is "paused"',
  ],
  [
    'a goal has another streak',
    'update learning_goals set streak_count = 6 where id = 1',
    'learning_goals 1: streak_count is 6, expected 5',
  ],
  [
    'a null description became empty',
    "update learning_goals set description = '' where id = 2",
    'learning_goals 2: description is ""',
  ],
  [
    'a row has no v1 row',
    "insert into badges (auth_user_id, id, name, description, icon_url, date_achieved) values ('1', 4, 'a', 'a', '/a', now())",
    'badges 4: unexpected',
  ],
  [
    'a badge exists twice',
    "insert into badges select '2', id, name, description, icon_url, date_achieved, source from badges where id = 1",
    'badges 1: owner is "2", expected "1"',
  ],
  [
    'an orphan is also a badge',
    "insert into badges (auth_user_id, id, name, description, icon_url, date_achieved) values ('1', 9, 'a', 'a', '/a', now())",
    'badges 9: duplicate',
  ],
  [
    'an orphan exists twice',
    'alter table legacy.orphans drop constraint orphans_pkey; insert into legacy.orphans table legacy.orphans',
    'badges 9: duplicate',
  ],
  ['an orphan was deleted', 'delete from legacy.orphans where row_id = 9', 'badges 9: missing from the orphans'],
  [
    'an orphan lacks a column',
    "update legacy.orphans set row_data = row_data - 'name' where row_id = 9",
    'badges 9: altered orphan',
  ],
  [
    'an orphan has no v1 row',
    "insert into legacy.orphans values ('badges', 3, '{}', 'no owner')",
    'badges 3: orphan without v1 row',
  ],
  [
    'a row with an owner is an orphan',
    "delete from badges where id = 2; insert into legacy.orphans select 'badges', 2, to_jsonb(b), 'no owner' from legacy.badges b where id = 2",
    'badges 2: not an orphan',
  ],
  [
    'a recorded status was deleted',
    'delete from legacy.status_notes',
    'learning_goals 4: status is "in-progress", expected null',
  ],
  ['a recorded status differs', "update legacy.status_notes set original = 'x'", 'learning_goals 4: status is'],
  [
    'an original is recorded for an unchanged value',
    "insert into legacy.value_notes values ('badges', 1, 'name', 'First steps', 'empty')",
    'badges 1: name is',
  ],
  ['the sequence would repeat v1 ids', "select setval('badges_id_seq', 4)", 'the next id is 5'],
  [
    'a user was deleted',
    "delete from auth_users where id = '7'",
    'users: 1 users are not in auth_users, for example 7',
  ],
];

async function verifyAfter(db: TestDatabase, statement: string, line = 'verify --batch-size 2') {
  await db.sql.unsafe(statement);
  return runCutover(db, line);
}

describe('npm run legacy -- verify', () => {
  it.for(CORRUPTIONS)(
    'exits with 1 and reports the difference when %s',
    async ([, statement, message], { createMigrated }) => {
      const { code, stdout } = await verifyAfter(await createMigrated(), statement);
      expect({ code, stdout }).toEqual({ code: 1, stdout: expect.stringContaining(message) });
      expect(stdout).toContain('NOT VERIFIED');
    },
  );

  it('lists the first differences of many', { timeout: 60_000 }, async ({ createDatabase }) => {
    const db = await createDatabase(sample('b'));
    await runSuccessfully(db, 'migrate');
    const { stdout } = await verifyAfter(db, "update badges set name = 'X' where id > 100", 'verify');
    expect(stdout).toContain('4,900 different');
    expect(stdout.match(/badges \d+: name is/g)).toHaveLength(10);
  });

  it('computes the same checksums for every batch size', async ({ createDatabase }) => {
    const db = await createDatabase(sample('c'));
    await runSuccessfully(db, 'migrate');
    const checksums = async (line: string) =>
      JSON.parse(await runSuccessfully(db, line)).tables.map((table: { checksums: object }) => table.checksums);
    expect(await checksums('verify --json --batch-size 1')).toEqual(await checksums('verify --json'));
  });

  it.for([
    ['tracked data', "update auth_users set tracking_version = 1 where id = '1'", 'tracked data of 1 users since'],
    [
      'a badge definition',
      `insert into badge_definitions (key, state, version, created_at, updated_at)
       values ('k-1', 'draft', 1, now(), now())`,
      'badge_definitions: 1 new since the migration',
    ],
  ] as const)('reports %s, a difference only with --strict', async ([, statement, message], { createMigrated }) => {
    const db = await createMigrated();
    const { code, stdout } = await verifyAfter(db, statement, 'verify --strict');
    expect({ code, stdout }).toEqual({ code: 1, stdout: expect.stringContaining(message) });
    expect(await runSuccessfully(db, 'verify')).toContain(message);
  });

  it('finds rows in the tables of later features', async ({ createMigrated }) => {
    const { sql } = await createMigrated();
    await sql`create table notes (id int)`;
    const tables = ['notes', 'badges', 'activities'];
    expect(await countTracked(sql, tables)).toEqual({ users: 0, definitions: 0, others: 0 });
    await sql`insert into notes values (1), (2)`;
    expect(await countTracked(sql, tables)).toEqual({ users: 0, definitions: 0, others: 2 });
  });

  it('is rejected when nothing was migrated', async ({ createDatabase }) => {
    const { code, stderr } = await runCutover(await createDatabase(sample('a')), 'verify');
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('nothing has been migrated') });
  });
});
