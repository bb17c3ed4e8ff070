import { serviceEnv, startService } from '../support/app.ts';
import type { TestDatabase } from '../support/database.ts';
import { badgeBody, describe, expect } from '../support/fixtures.ts';
import { it as base, runCutover, runSuccessfully, sample } from './support/cutover.ts';
import { dump } from './support/dump.ts';

/** Creates a role that can only log in, and returns its name and URL. */
const it = base.extend('createRole', async ({}, { onCleanup }) => {
  const roles: { db: TestDatabase; role: string }[] = [];
  onCleanup(async () => {
    for (const { db, role } of roles) {
      await db.sql.unsafe(`reassign owned by ${role} to current_user; drop owned by ${role}; drop role ${role}`);
    }
  });
  return async (db: TestDatabase, options = '') => {
    const role = `role_${crypto.randomUUID().slice(0, 8)}`;
    await db.sql.unsafe(`create role ${role} login password 'x' ${options}`);
    roles.push({ db, role });
    const url = new URL(db.url);
    url.username = role;
    url.password = 'x';
    return { role, url: url.href };
  };
});

const databaseName = ({ url }: { url: string }) => new URL(url).pathname.slice(1);

describe('a read-only role', () => {
  it('can inspect a database and gets an error for the missing privilege from migrate', async ({
    createDatabase,
    createRole,
  }) => {
    const db = await createDatabase(sample('a'));
    const { url } = await createRole(db, 'in role pg_read_all_data');
    expect((await runCutover({ url }, 'inspect')).code).toBe(0);
    expect(await runCutover({ url }, 'migrate')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('The role in DATABASE_URL lacks a privilege'),
    });
  });

  it('sees the sessions of other roles in the inspection', async ({ createDatabase, createRole }) => {
    const db = await createDatabase(sample('a'));
    const { role, url } = await createRole(db);
    await db.sql.unsafe(
      `grant usage on schema public to ${role}; grant select on all tables in schema public to ${role}`,
    );
    expect(await runSuccessfully({ url }, 'inspect')).toMatch(/Connected now:\n {2}postgres\.js: \d/);
  });
});

describe('a service that connects as another role', () => {
  it('needs only the privileges that the runbook names', async ({
    createDatabase,
    createRole,
    auth,
    onTestFinished,
  }) => {
    const db = await createDatabase(sample('a'));
    await runSuccessfully(db, 'migrate');
    const { role, url } = await createRole(db);
    await db.sql.unsafe(`
      grant usage on schema public to ${role};
      grant select, insert, update, delete on all tables in schema public to ${role};
      grant usage on all sequences in schema public to ${role}`);
    const service = await startService(serviceEnv({ url }, auth));
    onTestFinished(() => service.close());
    auth.add({ id: '1' });
    const token = await auth.token('1');
    expect((await service.rest('/users/1/badges', { token, body: badgeBody() })).status).toBe(200);
    expect((await service.rest('/users/1/goals/2', { method: 'DELETE', token })).status).toBe(200);
    const report = await runSuccessfully(db, 'verify');
    expect(report).toContain('written by the service since the migration: 1 new');
    expect(report).toContain('written by the service since the migration: 1 deleted');
    expect(report).toContain('or was deleted by the service');
  });
});

describe('the owner of the v1 tables', () => {
  const setOwner = async ({ sql }: TestDatabase, tables: string[], role: string) => {
    for (const table of tables) await sql.unsafe(`alter table ${table} owner to ${role}`);
  };

  it('keeps the access that foreign key checks need when another role migrates', async ({
    createDatabase,
    createRole,
  }) => {
    const db = await createDatabase(
      sample('a'),
      'create table comments (id int primary key, author int references users (id))',
    );
    const { role } = await createRole(db);
    await setOwner(db, ['users', 'badges', 'learning_goals', 'comments'], role);
    const before = await dump(db.sql);
    await runSuccessfully(db, 'migrate');
    await db.sql`insert into comments values (1, 2)`;
    await expect(db.sql`insert into comments values (2, 99)`).rejects.toMatchObject({ code: '23503' });
    await db.sql`delete from comments`;
    await runSuccessfully(db, 'rollback');
    expect(await dump(db.sql)).toEqual(before);
  });

  it('can run every command with only the privileges that the runbook names', async ({
    createDatabase,
    createRole,
  }) => {
    const db = await createDatabase(sample('b'));
    const { role, url } = await createRole(db);
    await setOwner(db, ['users', 'badges', 'learning_goals'], role);
    expect(await runCutover({ url }, 'migrate')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('lacks a privilege'),
    });
    await db.sql.unsafe(`
      grant create on database ${databaseName(db)} to ${role};
      grant usage, create on schema public to ${role}`);
    for (const line of ['inspect', 'migrate', 'verify --strict', 'rollback', 'migrate', 'finalize --yes']) {
      await runSuccessfully({ url }, line);
    }
  });
});
