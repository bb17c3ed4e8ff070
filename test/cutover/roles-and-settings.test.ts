import { serviceEnv, startService } from '../support/app.ts';
import type { TestDatabase } from '../support/database.ts';
import { badgeBody, describe, expect } from '../support/fixtures.ts';
import { it as base, legacy, sample, succeed } from './support/cutover.ts';
import { dump } from './support/dump.ts';

/** Makes a role that may log in and nothing else, and tells how to connect as it. */
const it = base.extend('roleOf', async ({}, { onCleanup }) => {
  const made: { db: TestDatabase; role: string }[] = [];
  onCleanup(async () => {
    for (const { db, role } of made) {
      await db.sql.unsafe(`reassign owned by ${role} to current_user; drop owned by ${role}; drop role ${role}`);
    }
  });
  return async (db: TestDatabase) => {
    const role = `role_${crypto.randomUUID().slice(0, 8)}`;
    await db.sql.unsafe(`create role ${role} login password 'x'`);
    made.push({ db, role });
    const url = new URL(db.url);
    url.username = role;
    url.password = 'x';
    return { role, url: url.href };
  };
});

const databaseName = ({ url }: { url: string }) => new URL(url).pathname.slice(1);

describe('limits on time and odd settings of the role or the database', () => {
  it('do not hold for any of the commands', async ({ databaseOf }) => {
    const db = await databaseOf(sample('b'));
    const [version] = await db.sql`select current_setting('server_version_num')::int as number`;
    const settings = {
      statement_timeout: '1ms',
      lock_timeout: '1ms',
      idle_session_timeout: '50ms',
      search_path: 'nowhere',
      timezone: 'Asia/Tokyo',
      datestyle: 'German',
      default_transaction_isolation: 'serializable',
      ...(version?.number >= 170_000 && { transaction_timeout: '50ms' }),
    };
    for (const [name, value] of Object.entries(settings)) {
      await db.sql.unsafe(`alter database ${databaseName(db)} set ${name} = '${value}'`);
    }
    for (const line of ['inspect', 'migrate', 'verify --strict', 'rollback', 'migrate', 'finalize --yes']) {
      await succeed(db, line);
    }
  });

  it('do not come in by the URL either', async ({ databaseOf }) => {
    const { url } = await databaseOf(sample('a'));
    const odd = `${url}?statement_timeout=1&search_path=nowhere&row_security=on&application_name=x`;
    for (const line of ['inspect', 'migrate', 'verify --strict', 'rollback']) await succeed({ url: odd }, line);
  });
});

describe('a service whose URL gives its sessions another name', () => {
  it('is recognised nevertheless', async ({ databaseOf, auth, onTestFinished }) => {
    const db = await databaseOf(sample('a'));
    const service = await startService(serviceEnv({ url: `${db.url}?application_name=mine` }, auth));
    onTestFinished(() => service.close());
    await service.rest('/health/ready');
    expect(await legacy(db, 'migrate')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('user-service is connected'),
    });
  });
});

describe('a service that runs as another role', () => {
  it('needs no more than the privileges that the runbook names', async ({
    databaseOf,
    roleOf,
    auth,
    onTestFinished,
  }) => {
    const db = await databaseOf(sample('a'));
    await succeed(db, 'migrate');
    const { role, url } = await roleOf(db);
    await db.sql.unsafe(`
      grant usage on schema public to ${role};
      grant select, insert, update, delete on auth_users, badges, learning_goals, idempotency_keys to ${role}`);
    const service = await startService(serviceEnv({ url }, auth));
    onTestFinished(() => service.close());
    auth.add({ id: '1' });
    const token = await auth.token('1');
    expect((await service.rest('/users/1/badges', { token, body: badgeBody() })).status).toBe(200);
    expect((await service.rest('/users/1/goals/2', { method: 'DELETE', token })).status).toBe(200);
    const report = await succeed(db, 'verify');
    expect(report).toContain('written since by the service: 1 new');
    expect(report).toContain('written since by the service: 1 deleted');
    expect(report).toContain('or deleted by the service since');
  });
});

describe('an owner of the old tables who is not the one who migrates', () => {
  it('still has the foreign keys of other tables checked', async ({ databaseOf, roleOf }) => {
    const db = await databaseOf(
      sample('a'),
      'create table comments (id int primary key, author int references users (id))',
    );
    const { role } = await roleOf(db);
    for (const table of ['users', 'badges', 'learning_goals', 'comments']) {
      await db.sql.unsafe(`alter table ${table} owner to ${role}`);
    }
    const before = await dump(db.sql);
    await succeed(db, 'migrate');
    await db.sql`insert into comments values (1, 2)`;
    await expect(db.sql`insert into comments values (2, 99)`).rejects.toMatchObject({ code: '23503' });
    await db.sql`delete from comments`;
    await succeed(db, 'rollback');
    expect(await dump(db.sql)).toEqual(before);
  });

  it('can do all of it by himself, with no more than the runbook asks for', async ({ databaseOf, roleOf }) => {
    const db = await databaseOf(sample('b'));
    const { role, url } = await roleOf(db);
    for (const table of ['users', 'badges', 'learning_goals']) {
      await db.sql.unsafe(`alter table ${table} owner to ${role}`);
    }
    expect(await legacy({ url }, 'migrate')).toMatchObject({ code: 1, stderr: expect.stringContaining('may not') });
    await db.sql.unsafe(`
      grant create on database ${databaseName(db)} to ${role};
      grant usage, create on schema public to ${role}`);
    for (const line of ['inspect', 'migrate', 'verify --strict', 'rollback', 'migrate', 'finalize --yes']) {
      await succeed({ url }, line);
    }
  });

  it('is told of sessions of other roles', async ({ databaseOf, roleOf }) => {
    const db = await databaseOf(sample('a'));
    const { role, url } = await roleOf(db);
    await db.sql.unsafe(
      `grant usage on schema public to ${role}; grant select on all tables in schema public to ${role}`,
    );
    expect(await succeed({ url }, 'inspect')).toMatch(/Connected now:\n {2}postgres\.js: \d/);
  });
});

describe('the schema drizzle of somebody else', () => {
  it.for(['create schema drizzle', 'create schema drizzle; create table drizzle.others (id int)'])(
    'is there again after rollback: %s',
    async (statement, { databaseOf }) => {
      const db = await databaseOf(sample('a'), statement);
      const before = await dump(db.sql);
      await succeed(db, 'migrate');
      await succeed(db, 'rollback');
      expect(await dump(db.sql)).toEqual(before);
    },
  );
});

describe('a sequence', () => {
  it('without an owner and with capitals in its name moves along, and comes back', async ({ databaseOf }) => {
    const db = await databaseOf(
      sample('a'),
      'alter sequence badges_id_seq owned by none',
      'alter sequence badges_id_seq rename to "Badges_id_seq"',
    );
    const before = await dump(db.sql);
    await succeed(db, 'migrate');
    await succeed(db, 'rollback');
    expect(await dump(db.sql)).toEqual(before);
  });

  it('of an identity column goes on where it was, here and after rollback', async ({ databaseOf }) => {
    const db = await databaseOf(
      sample('a'),
      'alter table badges alter id drop default',
      'drop sequence badges_id_seq',
      'alter table badges alter id add generated always as identity (start 77)',
      "insert into badges (name) values ('gets 77')",
    );
    const before = await dump(db.sql);
    await succeed(db, 'migrate');
    expect((await db.sql`select nextval('badges_id_seq')::int as id`)[0]).toEqual({ id: 78 });
    await succeed(db, 'rollback');
    expect(await dump(db.sql)).toEqual(before);
  });
});

describe('instants', () => {
  it('that have a time zone already stay the same instants', async ({ databaseOf }) => {
    const db = await databaseOf(
      sample('a'),
      "alter table badges alter date_achieved type timestamptz using date_achieved at time zone 'Europe/Berlin'",
    );
    expect(await succeed(db, 'inspect')).not.toContain('no time zone');
    await succeed(db, 'migrate');
    await succeed(db, 'verify --strict');
    const [badge] = await db.sql`select extract(epoch from date_achieved)::int as at from badges where id = 1`;
    expect(badge?.at).toBe(Date.UTC(2022, 11, 31, 23) / 1000);
  });
});

describe('ids at the ends of what there is', () => {
  it('are carried over, and told apart', async ({ databaseOf }) => {
    const db = await databaseOf(
      sample('a'),
      'alter table badges alter id type bigint',
      "insert into badges (id, name, owner_id) values (-9223372036854775808, 'first', 1), (9223372036854775806, 'last', 1)",
    );
    await succeed(db, 'migrate');
    await succeed(db, 'verify --strict');
    await db.sql`update badges set name = 'other' where id < 0`;
    expect((await legacy(db, 'verify')).stdout).toContain('badges -9223372036854775808: name is "other"');
  });

  it('that leave none for new rows are refused', async ({ databaseOf }) => {
    const db = await databaseOf(
      sample('a'),
      'alter table badges alter id type bigint',
      "insert into badges (id, name, owner_id) values (9223372036854775807, 'last', 1)",
    );
    const before = await dump(db.sql);
    expect(await legacy(db, 'migrate')).toMatchObject({ code: 1, stderr: expect.stringContaining('no new row') });
    expect(await dump(db.sql)).toEqual(before);
  });
});
