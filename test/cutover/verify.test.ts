import type { TestDatabase } from '../support/database.ts';
import { describe, expect } from '../support/fixtures.ts';
import { it, legacy, sample, succeed } from './support/cutover.ts';

/** What somebody or something has done to a migrated database of era A, and how verify calls it. */
const CORRUPTIONS: [what: string, statement: string, told: string][] = [
  ['a badge is missing', 'delete from badges where id = 2', 'badges 2: deleted by hand'],
  ['a badge has vanished', 'truncate badges', '3 missing'],
  ['a goal is missing', 'delete from learning_goals where id = 2', 'learning_goals 2: deleted by hand'],
  [
    'a badge has another name',
    "update badges set name = 'X' where id = 1",
    'badges 1: name is "X", must be "First steps"',
  ],
  ['a badge has another url', "update badges set icon_url = '/x' where id = 1", 'badges 1: icon_url is "/x"'],
  [
    'an instant is a microsecond off',
    "update badges set date_achieved = date_achieved + '1 us' where id = 5",
    'badges 5: date_achieved is',
  ],
  [
    'an instant is an hour off',
    "update badges set date_achieved = date_achieved + '1 h' where id = 5",
    'badges 5: date_achieved is',
  ],
  [
    'a badge has another owner',
    "update badges set auth_user_id = '2' where id = 1",
    'badges 1: owner is "2", must be "1"',
  ],
  ['a badge has another id', 'update badges set id = 3 where id = 1', 'badges 3: extra'],
  [
    'a goal has another status',
    "update learning_goals set status = 'paused' where id = 1",
    'learning_goals 1: status is "paused"',
  ],
  [
    'a goal has another streak',
    'update learning_goals set streak_count = 6 where id = 1',
    'learning_goals 1: streak_count is 6, must be 5',
  ],
  [
    'a description has come from nowhere',
    "update learning_goals set description = '' where id = 2",
    'learning_goals 2: description is ""',
  ],
  [
    'there is a row that nobody had',
    "insert into badges (auth_user_id, id, name, description, icon_url, date_achieved) values ('1', 4, 'a', 'a', '/a', now())",
    'badges 4: extra',
  ],
  [
    'a badge is there twice',
    "insert into badges select '2', id, name, description, icon_url, date_achieved, source from badges where id = 1",
    'badges 1: owner is "2", must be "1"',
  ],
  [
    'an orphan is also among the badges',
    "insert into badges (auth_user_id, id, name, description, icon_url, date_achieved) values ('1', 9, 'a', 'a', '/a', now())",
    'badges 9: present twice',
  ],
  [
    'an orphan is there twice',
    'alter table legacy.orphans drop constraint orphans_pkey; insert into legacy.orphans table legacy.orphans',
    'badges 9: present twice',
  ],
  ['an orphan is missing', 'delete from legacy.orphans where row_id = 9', 'badges 9: should be an orphan'],
  [
    'an orphan is not whole',
    "update legacy.orphans set row_data = row_data - 'name' where row_id = 9",
    'badges 9: altered orphan',
  ],
  [
    'an orphan is of nothing',
    "insert into legacy.orphans values ('badges', 3, '{}', 'no owner')",
    'badges 3: orphan of nothing',
  ],
  [
    'a row is an orphan without cause',
    "delete from badges where id = 2; insert into legacy.orphans select 'badges', 2, to_jsonb(b), 'no owner' from legacy.badges b where id = 2",
    'badges 2: not an orphan',
  ],
  ['a note is missing', 'delete from legacy.status_notes', 'learning_goals 4: status is "in-progress", must be null'],
  ['a note tells another original', "update legacy.status_notes set original = 'x'", 'learning_goals 4: status is'],
  [
    'a note is without cause',
    "insert into legacy.value_notes values ('badges', 1, 'name', 'First steps', 'empty')",
    'badges 1: name is',
  ],
  ['old ids would be given again', "select setval('badges_id_seq', 4)", 'the next new row would be numbered 5'],
  ['a person is missing', "delete from auth_users where id = '7'", 'users: 1 are not known any more, such as 7'],
];

async function corrupted(db: TestDatabase, statement: string) {
  await succeed(db, 'migrate');
  await db.sql.unsafe(statement);
  return legacy(db, 'verify --batch-size 2');
}

describe('npm run legacy -- verify', () => {
  it.for(CORRUPTIONS)('ends with 1 and says so when %s', async ([, statement, told], { databaseOf }) => {
    const { code, stdout } = await corrupted(await databaseOf(sample('a')), statement);
    expect({ code, stdout }).toEqual({ code: 1, stdout: expect.stringContaining(told) });
    expect(stdout).toContain('NOT VERIFIED');
  });

  it('shows the first differences of many', async ({ databaseOf }) => {
    const { stdout } = await corrupted(await databaseOf(sample('b')), "update badges set name = 'X' where id > 100");
    expect(stdout).toContain('4,900 different');
    expect(stdout.match(/badges \d+: name is/g)).toHaveLength(10);
  });

  it('gives the same checksum in ranges of any size', async ({ databaseOf }) => {
    const db = await databaseOf(sample('c'));
    await succeed(db, 'migrate');
    const checksums = async (line: string) =>
      JSON.parse(await succeed(db, line)).tables.map((table: { checksums: object }) => table.checksums);
    expect(await checksums('verify --json --batch-size 1')).toEqual(await checksums('verify --json'));
  });

  it('refuses where nothing was migrated', async ({ databaseOf }) => {
    const { code, stderr } = await legacy(await databaseOf(sample('a')), 'verify');
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('nothing has been migrated') });
  });
});
