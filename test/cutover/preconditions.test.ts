import { inject } from 'vitest';
import { createEmptyDatabase } from '../support/database.ts';
import { describe, expect } from '../support/fixtures.ts';
import { it, runCutover, runSuccessfully, sample } from './support/cutover.ts';
import { dump } from './support/dump.ts';

/** Changes to a database of era A, and the problem that inspect and migrate report. */
const UNKNOWN_LAYOUTS: [name: string, statements: string[], problem: string][] = [
  [
    'no owner column',
    ['alter table badges drop column owner_id'],
    'table badges has no owner column, expected owner_id, user_id or auth_user_id',
  ],
  ['no goals', ['drop table learning_goals'], 'table public.learning_goals does not exist'],
  [
    'no streaks',
    ['alter table learning_goals drop column streak_count'],
    'table learning_goals has no column streak_count',
  ],
  [
    'a text column for the owner',
    [
      'alter table learning_goals drop constraint learning_goals_owner_id_fkey',
      'alter table learning_goals alter owner_id type text',
    ],
    'learning_goals.owner_id has type text, expected smallint or integer or bigint',
  ],
  [
    'a date for a timestamp',
    ['alter table badges alter date_achieved type date'],
    'badges.date_achieved has type date, expected timestamp',
  ],
  ['no primary key', ['alter table badges drop constraint badges_pkey'], 'table badges has no primary key on id'],
  [
    'tables of two eras',
    ['alter table learning_goals drop column owner_id', 'alter table learning_goals add user_id uuid'],
    'badges has the layout of era A, learning_goals that of era B',
  ],
  [
    'two owner columns',
    ['alter table badges add user_id uuid'],
    'table badges has both owner_id and user_id, so the owner of its rows is ambiguous',
  ],
  [
    'users of another type',
    ['drop table users cascade', 'create table users (id uuid primary key)'],
    'users.id has type uuid',
  ],
  [
    'tables in another schema',
    ['create schema app', 'alter table badges set schema app', 'alter table learning_goals set schema app'],
    'alter table app.badges set schema public',
  ],
  [
    'a view instead of a table',
    ['alter table badges rename to rows', 'create view badges as table rows'],
    'public.badges is a view',
  ],
  ['child tables', ['create table badges_2020 () inherits (badges)'], 'badges_2020 inherits from badges'],
  [
    'a nondeterministic collation',
    [
      "create collation loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
      'alter table learning_goals alter status type varchar collate loose',
    ],
    'learning_goals.status has the nondeterministic collation loose',
  ],
  ['a column with a reserved name', ['alter table badges add w int'], 'table badges has a column w'],
  [
    'a table with the name of a new one',
    ['create table idempotency_keys (id int)'],
    'relation public.idempotency_keys already exists',
  ],
  [
    'a table with the name of one that a later migration creates',
    ['create table streaks (id int)'],
    'relation public.streaks already exists',
  ],
  ['a sequence', ['create sequence activities_id_seq'], 'relation public.activities_id_seq already exists'],
  [
    'a view with the name of a new index',
    ['create view badges_id_idx as select 1'],
    'relation public.badges_id_idx already exists',
  ],
];

describe('a database with an unknown layout', () => {
  it.for(UNKNOWN_LAYOUTS)(
    'is rejected with the problem and not changed: %s',
    async ([, statements, problem], { createDatabase }) => {
      const db = await createDatabase(sample('a'), ...statements);
      const before = await dump(db.sql);
      expect(await runCutover(db, 'inspect')).toMatchObject({ code: 1, stdout: expect.stringContaining(problem) });
      expect(await runCutover(db, 'migrate')).toMatchObject({ code: 1, stderr: expect.stringContaining(problem) });
      expect(await dump(db.sql)).toEqual(before);
    },
  );

  it.for(['SQL_ASCII', 'LATIN1'] as const)(
    'is rejected with the remedy and not changed: the encoding %s',
    async (encoding, { onTestFinished }) => {
      const db = await createEmptyDatabase(inject('databaseServerUrl'), inject('databaseTemplate'), encoding);
      onTestFinished(() => db.drop());
      await db.sql.unsafe(sample('b'));
      const before = await dump(db.sql);
      const problem = `the encoding of the database is ${encoding}, expected UTF8: dump it and restore the dump`;
      expect(await runCutover(db, 'inspect')).toMatchObject({ code: 1, stdout: expect.stringContaining(problem) });
      expect(await runCutover(db, 'migrate')).toMatchObject({ code: 1, stderr: expect.stringContaining(problem) });
      expect(await dump(db.sql)).toEqual(before);
    },
  );

  it('is rejected by every command when its schema legacy belongs to another program', async ({ createDatabase }) => {
    const db = await createDatabase(sample('a'), 'create schema legacy');
    for (const line of ['inspect', 'migrate', 'verify', 'rollback', 'finalize']) {
      expect(await runCutover(db, line)).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('these commands did not create it'),
      });
    }
  });
});

describe('a database that needs no migration', () => {
  it('is not changed when it has the current schema', async ({ db }) => {
    const before = await dump(db.sql);
    expect(await runSuccessfully(db, 'inspect')).toContain('already has the current schema');
    expect(await runSuccessfully(db, 'migrate')).toContain('already has the current schema');
    expect(await runSuccessfully(db, 'migrate --dry-run')).toContain('already has the current schema');
    expect(await dump(db.sql)).toEqual(before);
  });

  it('is rejected with a reference to db:migrate when it is empty', async ({ createDatabase }) => {
    const db = await createDatabase();
    expect(await runSuccessfully(db, 'inspect')).toContain('npm run db:migrate');
    expect(await runCutover(db, 'migrate')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('npm run db:migrate'),
    });
  });
});
