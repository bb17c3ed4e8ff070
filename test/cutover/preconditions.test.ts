import { describe, expect } from '../support/fixtures.ts';
import { it, legacy, sample, succeed } from './support/cutover.ts';
import { dump } from './support/dump.ts';

/** A database of era A that somebody has changed, and what keeps it from being recognised. */
const UNKNOWN: [what: string, statements: string[], problem: string][] = [
  [
    'no owner',
    ['alter table badges drop column owner_id'],
    'table badges has neither owner_id nor user_id nor auth_user_id',
  ],
  ['no goals', ['drop table learning_goals'], 'there is no table public.learning_goals'],
  [
    'no streaks',
    ['alter table learning_goals drop column streak_count'],
    'table learning_goals has no column streak_count',
  ],
  [
    'a text for an owner',
    ['alter table learning_goals alter owner_id type text'],
    'learning_goals.owner_id is of type text, expected smallint or integer or bigint',
  ],
  [
    'a date for an instant',
    ['alter table badges alter date_achieved type date'],
    'badges.date_achieved is of type date, expected timestamp',
  ],
  ['no primary key', ['alter table badges drop constraint badges_pkey'], 'table badges has no primary key on id'],
  [
    'two eras',
    ['alter table learning_goals drop column owner_id', 'alter table learning_goals add user_id uuid'],
    'badges is of era A, learning_goals of era B',
  ],
  [
    'two owners',
    ['alter table badges add user_id uuid'],
    'table badges has owner_id and user_id: it is not clear who owns its rows',
  ],
  [
    'users of another kind',
    ['drop table users cascade', 'create table users (id uuid primary key)'],
    'users.id is of type uuid',
  ],
  [
    'its tables in another schema',
    ['create schema app', 'alter table badges set schema app', 'alter table learning_goals set schema app'],
    'alter table app.badges set schema public',
  ],
  [
    'a view for a table',
    ['alter table badges rename to rows', 'create view badges as table rows'],
    'public.badges is not looked at: it is a view',
  ],
  ['heirs', ['create table badges_2020 () inherits (badges)'], 'badges_2020 inherits from badges'],
  [
    'a collation for which different texts are the same',
    [
      "create collation loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
      'alter table learning_goals alter status type varchar collate loose',
    ],
    'learning_goals.status has a nondeterministic collation (loose)',
  ],
  ['a name that is needed', ['alter table badges add w int'], 'table badges has a column w'],
  ['a table in the way', ['create table idempotency_keys (id int)'], 'there is a table idempotency_keys already'],
];

describe('a shape that is unknown', () => {
  it.for(UNKNOWN)(
    'with %s is refused by what differs, and not touched',
    async ([, statements, problem], { databaseOf }) => {
      const drop = statements[0]?.includes('type text')
        ? ['alter table learning_goals drop constraint learning_goals_owner_id_fkey']
        : [];
      const db = await databaseOf(sample('a'), ...drop, ...statements);
      const before = await dump(db.sql);
      expect(await legacy(db, 'inspect')).toMatchObject({ code: 1, stdout: expect.stringContaining(problem) });
      expect(await legacy(db, 'migrate')).toMatchObject({ code: 1, stderr: expect.stringContaining(problem) });
      expect(await dump(db.sql)).toEqual(before);
    },
  );

  it('is refused when a schema legacy is of somebody else', async ({ databaseOf }) => {
    const db = await databaseOf(sample('a'), 'create schema legacy');
    for (const line of ['inspect', 'migrate', 'verify', 'rollback', 'finalize']) {
      expect(await legacy(db, line)).toMatchObject({ code: 1, stderr: expect.stringContaining('has not made') });
    }
  });

  it('is refused when a name that is needed is taken', async ({ databaseOf }) => {
    const db = await databaseOf(sample('a'), 'create view badges_id_idx as select 1');
    const before = await dump(db.sql);
    const { code, stderr } = await legacy(db, 'migrate');
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('"badges_id_idx" already exists') });
    expect(await dump(db.sql)).toEqual(before);
  });
});

describe('a database that needs no migration', () => {
  it('because it is current is left as it is, and says so', async ({ db }) => {
    const before = await dump(db.sql);
    expect(await succeed(db, 'inspect')).toContain('at the present schema already');
    expect(await succeed(db, 'migrate')).toContain('at the present schema already');
    expect(await succeed(db, 'migrate --dry-run')).toContain('at the present schema already');
    expect(await dump(db.sql)).toEqual(before);
  });

  it('because it is empty is sent to db:migrate', async ({ databaseOf }) => {
    const db = await databaseOf();
    expect(await succeed(db, 'inspect')).toContain('npm run db:migrate');
    expect(await legacy(db, 'migrate')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('npm run db:migrate'),
    });
  });
});

describe('an old client that keeps a transaction open', () => {
  it('makes migrate give up and name it, and nobody queues behind for long', async ({ databaseOf }) => {
    const db = await databaseOf(sample('a'));
    const before = await dump(db.sql);
    const client = await db.sql.reserve();
    await client`set application_name = 'fastapi'`;
    await client`begin`;
    await client`select count(*) from badges`;
    const ended = legacy(db, 'migrate');
    const waits = async () =>
      (await db.sql`select from pg_stat_activity where datname = current_database() and wait_event = 'relation'`)
        .length;
    await expect.poll(waits).toBe(1);
    // Behind a lock that is waited for everybody else has to wait as well.
    expect(await db.sql`select id from badges`).toHaveLength(4);
    expect(await ended).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/No lock on .*\(fastapi, idle in transaction/),
    });
    await client`rollback`;
    client.release();
    expect(await dump(db.sql)).toEqual(before);
    await succeed(db, 'migrate');
  });
});

describe('a role that may only read', () => {
  it('can inspect, and is refused everything else in a sentence', async ({ databaseOf, onTestFinished }) => {
    const db = await databaseOf(sample('a'));
    const role = `reader_${crypto.randomUUID().slice(0, 8)}`;
    await db.sql.unsafe(`create role ${role} login password 'x' in role pg_read_all_data`);
    onTestFinished(() => void db.sql.unsafe(`drop role ${role}`).catch(() => undefined));
    const url = new URL(db.url);
    url.username = role;
    url.password = 'x';
    expect((await legacy({ url: url.href }, 'inspect')).code).toBe(0);
    expect(await legacy({ url: url.href }, 'migrate')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('The role of DATABASE_URL may not do this'),
    });
  });
});
