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

describe('ids at the limits of bigint', () => {
  it('are copied and verified', async ({ createDatabase }) => {
    const db = await createDatabase(
      sample('a'),
      'alter table badges alter id type bigint',
      "insert into badges (id, name, owner_id) values (-9223372036854775808, 'first', 1), (9223372036854775806, 'last', 1)",
    );
    await runSuccessfully(db, 'migrate');
    await runSuccessfully(db, 'verify --strict');
    await db.sql`update badges set name = 'other' where id < 0`;
    expect((await runCutover(db, 'verify')).stdout).toContain('badges -9223372036854775808: name is "other"');
  });

  it('are rejected when they leave no id for new rows', async ({ createDatabase }) => {
    const db = await createDatabase(
      sample('a'),
      'alter table badges alter id type bigint',
      "insert into badges (id, name, owner_id) values (9223372036854775807, 'last', 1)",
    );
    const before = await dump(db.sql);
    expect(await runCutover(db, 'migrate')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no id is left for new rows'),
    });
    expect(await dump(db.sql)).toEqual(before);
  });
});
