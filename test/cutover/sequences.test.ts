import { describe, expect } from '../support/fixtures.ts';
import { it, nextIds, runCutover, runSuccessfully, sample } from './support/cutover.ts';
import { dump } from './support/dump.ts';

describe('a sequence', () => {
  it('that no column owns moves with its table, and bounds the ids of new rows', async ({ createDatabase }) => {
    const db = await createDatabase(
      sample('a'),
      'alter sequence badges_id_seq owned by none',
      "select setval('badges_id_seq', 33)",
    );
    await runSuccessfully(db, 'migrate');
    expect(await nextIds(db)).toMatchObject({ badge: 34 });
  });

  it('that no column owns and whose name has capitals is restored by rollback', async ({ createDatabase }) => {
    const db = await createDatabase(
      sample('a'),
      'alter sequence badges_id_seq owned by none',
      'alter sequence badges_id_seq rename to "Badges_id_seq"',
    );
    const before = await dump(db.sql);
    await runSuccessfully(db, 'migrate');
    await runSuccessfully(db, 'rollback');
    expect(await dump(db.sql)).toEqual(before);
  });

  it('is not needed: tables without any are migrated, and restored by rollback', async ({ createDatabase }) => {
    const db = await createDatabase(
      sample('a'),
      'drop sequence users_id_seq, badges_id_seq, learning_goals_id_seq cascade',
      'create sequence of_another_application',
    );
    const before = await dump(db.sql);
    await runSuccessfully(db, 'migrate');
    await runSuccessfully(db, 'rollback');
    expect(await dump(db.sql)).toEqual(before);
  });

  it('of an identity column continues after its last value, and is restored by rollback', async ({
    createDatabase,
  }) => {
    const db = await createDatabase(
      sample('a'),
      'alter table badges alter id drop default',
      'drop sequence badges_id_seq',
      'alter table badges alter id add generated always as identity (start 77)',
      "insert into badges (name) values ('gets 77')",
    );
    const before = await dump(db.sql);
    await runSuccessfully(db, 'migrate');
    expect((await db.sql`select nextval('badges_id_seq')::int as id`)[0]).toEqual({ id: 78 });
    await runSuccessfully(db, 'rollback');
    expect(await dump(db.sql)).toEqual(before);
  });
});

describe('ids at the limits', () => {
  it('are copied and verified', async ({ createDatabase }) => {
    const db = await createDatabase(
      sample('a'),
      'alter table badges alter id type bigint',
      "insert into badges (id, name, owner_id) values (-9223372036854775808, 'first', 1), (9007199254740990, 'last', 1)",
    );
    await runSuccessfully(db, 'migrate');
    await runSuccessfully(db, 'verify --strict');
    expect((await db.sql`select nextval('badges_id_seq') as id`)[0]).toEqual({ id: '9007199254740991' });
    await db.sql`update badges set name = 'other' where id < 0`;
    expect((await runCutover(db, 'verify')).stdout).toContain('badges -9223372036854775808: name is "other"');
  });

  it.for<[string, string, string]>([
    ['the last id of the API', '9007199254740991', 'insert into badges (id, owner_id) values (9007199254740991, 1)'],
    ['an orphan above it', '9007199254740993', 'insert into badges (id) values (9007199254740993)'],
    ['the last bigint', '9223372036854775807', 'insert into badges (id, owner_id) values (9223372036854775807, 1)'],
    ['a deleted row', '9007199254740993', "select setval('badges_id_seq', 9007199254740993)"],
  ])('are rejected when they leave no id for new rows: %s', async ([, id, statement], { createDatabase }) => {
    const types = 'alter table badges alter id type bigint; alter sequence badges_id_seq as bigint';
    const db = await createDatabase(sample('a'), types, statement);
    const before = await dump(db.sql);
    const problem = `the highest id of badges is ${id}, expected less than 9007199254740991`;
    expect(await runCutover(db, 'inspect')).toMatchObject({ code: 1, stdout: expect.stringContaining(problem) });
    expect(await runCutover(db, 'migrate')).toMatchObject({ code: 1, stderr: expect.stringContaining(problem) });
    expect(await dump(db.sql)).toEqual(before);
  });
});
