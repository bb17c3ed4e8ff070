import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { drizzle } from 'drizzle-orm/postgres-js';
import { migrate as drizzleMigrate } from 'drizzle-orm/postgres-js/migrator';
import { inject } from 'vitest';
import journal from '../../../drizzle/meta/_journal.json' with { type: 'json' };
import { migrate } from '../../../src/db/migrations.ts';
import { dump } from '../../cutover/support/dump.ts';
import { serviceEnv } from '../../support/app.ts';
import { createEmptyDatabase, type TestDatabase } from '../../support/database.ts';
import { it as base, describe, expect } from '../../support/fixtures.ts';
import { migrationsFolder } from '../../support/migrations.ts';
import { spawnService } from '../../support/process.ts';
import { createProxy } from '../../support/proxy.ts';
import { untilReady } from '../../support/ready.ts';
import { startMigrate } from './migrate.ts';

const it = base.extend('empty', async ({}, { onCleanup }) => {
  const empty = await createEmptyDatabase(inject('databaseServerUrl'), inject('databaseTemplate'));
  onCleanup(() => empty.drop());
  return empty;
});

/** The output of a migration after lock timeouts. */
const RETRY = /^(another transaction has locked a table; retrying for \d+ s so far\n)*$/;
const success = { code: 0, signal: null, stdout: 'the database is up to date\n', stderr: '' };

/** Returns every column, constraint and index. */
async function schemaOf({ sql }: TestDatabase) {
  const columns = await sql`
    select table_name, column_name, data_type, is_nullable, column_default
    from information_schema.columns where table_schema = 'public' order by 1, 2`;
  const constraints = await sql`
    select conname, pg_get_constraintdef(oid) as definition
    from pg_constraint where connamespace = 'public'::regnamespace order by 1`;
  const indexes = await sql`select indexdef from pg_indexes where schemaname = 'public' order by 1`;
  return { columns: [...columns], constraints: [...constraints], indexes: [...indexes] };
}

const migrationsIn = async ({ sql }: TestDatabase) =>
  (await sql`select hash from drizzle.__drizzle_migrations`).map(({ hash }) => hash as string);

/** Migrates with drizzle's own migrator. It runs every migration in a transaction, where `concurrently` is an error. */
async function migrateWithDrizzle({ sql }: TestDatabase): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'drizzle-'));
  await cp('drizzle', folder, { recursive: true });
  for (const { tag } of journal.entries) {
    const file = join(folder, `${tag}.sql`);
    await writeFile(file, (await readFile(file, 'utf8')).replaceAll(/\bconcurrently\b/gi, ''));
  }
  await drizzleMigrate(drizzle(sql), { migrationsFolder: folder });
  await rm(folder, { recursive: true });
}

/** Returns the dump without the hashes of migrations. */
const withoutHashes = (lines: readonly string[]) => lines.map((line) => line.replace(/\b[0-9a-f]{64}\b/, 'hash'));

/** Returns the wait events of the sessions of running migrations. */
const waits = async ({ sql }: TestDatabase) =>
  (
    await sql`
      select wait_event_type || ' ' || wait_event as wait from pg_stat_activity
      where datname = current_database() and application_name = 'user-service migrate' order by 1`
  ).map(({ wait }) => wait as string);

/**
 * Creates the table `badges` in an open transaction, so that a migration that creates it waits. Returns its rollback.
 */
async function blockMigrations({ sql }: TestDatabase) {
  const session = await sql.reserve();
  await session`begin`;
  await session`create table badges (id int)`;
  return async () => {
    await session`rollback`;
    session.release();
  };
}

/**
 * Makes each migration sleep in its first statement, with its advisory lock: `lock_timeout` does not end a sleep.
 * Returns a function that lets the next migrations run.
 */
async function suspendMigrations({ sql }: TestDatabase) {
  await sql`
    create function pg_temp.sleep_in_migration() returns event_trigger language plpgsql as $$
    begin
      if current_setting('application_name') = 'user-service migrate' then perform pg_sleep(60); end if;
    end $$`;
  await sql`create event trigger suspended on ddl_command_start execute function pg_temp.sleep_in_migration()`;
  return () => sql`drop event trigger suspended`;
}

/** Opens a snapshot, for whose end `create index concurrently` waits. Returns its rollback. */
async function openSnapshot({ sql }: TestDatabase) {
  const session = await sql.reserve();
  await session`begin isolation level repeatable read`;
  await session`select 1`;
  return async () => {
    await session`rollback`;
    session.release();
  };
}

/** Returns the process id of the backend that creates an index. */
async function builderOf({ sql }: TestDatabase): Promise<number | undefined> {
  const [row] = await sql<{ pid: number }[]>`
    select pid from pg_stat_progress_create_index where datname = current_database()`;
  return row?.pid;
}

describe('npm run db:migrate', { timeout: 60_000 }, () => {
  it('applies each migration once when six processes run at the same time, and all six succeed', {
    timeout: 120_000,
  }, async ({ empty, db }) => {
    const runs = Array.from({ length: 6 }, () => startMigrate({ DATABASE_URL: empty.url }));
    expect(await Promise.all(runs.map(({ ended }) => ended))).toEqual(Array(6).fill(success));
    const migrations = await migrationsIn(empty);
    expect(migrations).toHaveLength(journal.entries.length);
    expect(new Set(migrations).size).toBe(migrations.length);
    expect(await schemaOf(empty)).toEqual(await schemaOf(db));
  });

  it('changes nothing in an up-to-date database', async ({ db }) => {
    const before = [await schemaOf(db), await migrationsIn(db)];
    expect(await startMigrate({ DATABASE_URL: db.url }).ended).toEqual(success);
    expect([await schemaOf(db), await migrationsIn(db)]).toEqual(before);
  });

  it('changes nothing in a database that drizzle has migrated', async ({ empty }) => {
    await migrateWithDrizzle(empty);
    const before = await dump(empty.sql);
    expect(before).toContainEqual(expect.stringContaining('in drizzle.__drizzle_migrations: (1,'));
    await migrate(empty.url);
    expect(await dump(empty.sql)).toEqual(before);
  });

  it('produces the same schema and bookkeeping as drizzle, which then applies nothing', async ({ empty, db }) => {
    await migrateWithDrizzle(empty);
    const expected = await dump(db.sql);
    expect(withoutHashes(await dump(empty.sql))).toEqual(withoutHashes(expected));
    await drizzleMigrate(drizzle(db.sql), { migrationsFolder: 'drizzle' });
    expect(await dump(db.sql)).toEqual(expected);
  });

  it('ignores the statement_timeout of the database', async ({ empty }) => {
    await empty.sql.unsafe(`alter database ${new URL(empty.url).pathname.slice(1)} set statement_timeout = 300`);
    const unblock = await blockMigrations(empty);
    const run = startMigrate({ DATABASE_URL: empty.url });
    await expect.poll(() => waits(empty), { timeout: 30_000 }).toEqual(['Lock transactionid']);
    const isLate = async () =>
      (
        await empty.sql`
          select from pg_stat_activity where datname = current_database() and application_name = 'user-service migrate'
            and clock_timestamp() - query_start > interval '500 ms'`
      ).length > 0;
    await expect.poll(isLate, { timeout: 10_000 }).toBe(true);
    await unblock();
    expect(await run.ended).toEqual({ ...success, stderr: expect.stringMatching(RETRY) });
  });

  it('changes nothing when it is killed, and the next run completes', async ({ empty, db }) => {
    const unblock = await blockMigrations(empty);
    const killed = startMigrate({ DATABASE_URL: empty.url });
    await expect.poll(() => waits(empty), { timeout: 30_000 }).toEqual(['Lock transactionid']);
    killed.kill();
    expect(await killed.ended).toMatchObject({ code: null, signal: 'SIGKILL' });
    await unblock();
    await expect.poll(() => waits(empty), { timeout: 30_000 }).toEqual([]);
    expect(await schemaOf(empty)).toEqual({ columns: [], constraints: [], indexes: [] });

    await migrate(empty.url);
    expect(await schemaOf(empty)).toEqual(await schemaOf(db));
  });

  it('releases its lock when it is killed, and a waiting run completes', async ({ empty, db }) => {
    const enableMigrations = await suspendMigrations(empty);
    const killed = startMigrate({ DATABASE_URL: empty.url });
    await expect.poll(() => waits(empty), { timeout: 30_000 }).toEqual(['Timeout PgSleep']);
    const next = startMigrate({ DATABASE_URL: empty.url });
    await expect.poll(() => waits(empty), { timeout: 30_000 }).toEqual(['Lock advisory', 'Timeout PgSleep']);
    await enableMigrations();
    killed.kill();
    await killed.ended;
    expect(await next.ended).toEqual(success);
    expect(await migrationsIn(empty)).toHaveLength(journal.entries.length);
    expect(await schemaOf(empty)).toEqual(await schemaOf(db));
  });

  it('ends on the server within seconds after it is killed, and the next run completes its index', {
    timeout: 90_000,
  }, async ({ empty, db, onTestFinished }) => {
    const count = journal.entries.findIndex(({ tag }) => tag === '0003_tracking_indexes');
    await migrate(empty.url, { folder: await migrationsFolder(onTestFinished, { count }) });
    const closeSnapshot = await openSnapshot(empty);
    const killed = startMigrate({ DATABASE_URL: empty.url });
    await expect.poll(() => waits(empty), { timeout: 30_000 }).toContain('Lock virtualxid');
    const orphan = await builderOf(empty);
    killed.kill();
    expect(await killed.ended).toMatchObject({ code: null, signal: 'SIGKILL' });

    const next = startMigrate({ DATABASE_URL: empty.url });
    const other = expect.toSatisfy((pid?: number) => pid !== undefined && pid !== orphan);
    await expect.poll(() => builderOf(empty), { timeout: 30_000 }).toEqual(other);
    await closeSnapshot();
    expect(await next.ended).toMatchObject({ code: 0, stdout: success.stdout });
    expect(await schemaOf(empty)).toEqual(await schemaOf(db));
  });

  it('changes nothing in a v1 database, and prints the command that inspects it', async ({ empty }) => {
    await empty.sql`create table badges (id serial primary key, owner_id int)`;
    const { code, stderr } = await startMigrate({ DATABASE_URL: empty.url }).ended;
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('npm run legacy -- inspect') });
    expect(await empty.sql`select to_regnamespace('drizzle') as drizzle`).toEqual([{ drizzle: null }]);
  });

  it('exits with 1 and the connection error, without the password, when the database is down', async ({ db }) => {
    const { url } = await createProxy(db.url);
    const { code, stderr } = await startMigrate({ DATABASE_URL: url }).ended;
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^The migration failed: .*ECONNREFUSED/),
    });
    expect(stderr).not.toContain(new URL(url).password);
  });

  it('exits with 1 and names DATABASE_URL when it is missing', async () => {
    const { code, stderr } = await startMigrate({}).ended;
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('DATABASE_URL is required') });
  });
});

describe('a service on an empty database', { timeout: 60_000 }, () => {
  it('migrates before it listens with MIGRATE_ON_START, even when replicas start at the same time', async ({
    empty,
    db,
    serveProcess,
  }) => {
    const env = { DATABASE_URL: empty.url, MIGRATE_ON_START: 'true' };
    const replicas = await Promise.all([serveProcess(env), serveProcess(env)]);
    for (const replica of replicas) await untilReady(replica);
    expect(await migrationsIn(empty)).toHaveLength(journal.entries.length);
    expect(await schemaOf(empty)).toEqual(await schemaOf(db));
  });

  it('is live and not ready without MIGRATE_ON_START, until the database is migrated', async ({
    empty,
    serveProcess,
  }) => {
    const service = await serveProcess({ DATABASE_URL: empty.url });
    expect((await service.rest('/health/live')).status).toBe(200);
    expect((await service.rest('/health/ready')).status).toBe(503);
    await migrate(empty.url);
    const ready = async () => (await service.rest('/health/ready')).status;
    await expect.poll(ready).toBe(200);
    expect((await service.rest('/users/ada/badges')).body).toEqual([]);
  });

  it('exits with 1 and the connection error with MIGRATE_ON_START when the database is down', async ({ db, auth }) => {
    const { url } = await createProxy(db.url);
    const service = await spawnService(serviceEnv({ url }, auth, { MIGRATE_ON_START: 'true' }));
    expect(await service.exit).toEqual({ code: 1, signal: null });
    expect(service.stderr.join('\n')).toContain('ECONNREFUSED');
    expect(service.stderr.join('\n')).not.toContain(new URL(url).password);
  });
});
