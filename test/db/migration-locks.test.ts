import { setTimeout as delay } from 'node:timers/promises';
import { type AdminConnection, openAdminConnection, type Sql } from '../../src/db/admin-connection.ts';
import { TIMEOUTS } from '../../src/db/client.ts';
import { isConcurrent, runConcurrently, runInTransaction } from '../../src/db/concurrent-migration.ts';
import { LOCK_TIMEOUT_MS } from '../../src/db/lock-retries.ts';
import { inMigrationTransaction } from '../../src/db/migration-lock.ts';
import { BUSY_MACHINE_MS } from '../support/busy-machine.ts';
import { type TestDatabase, withLongLockTimeout } from '../support/database.ts';
import { badgeBody, it as base, describe, expect } from '../support/fixtures.ts';

const INDEX = 'badges_name_idx';
const CREATE_INDEX = `-- concurrently\ncreate index concurrently if not exists "${INDEX}" on badges (name)`;

const it = base
  .extend('openAdmin', async ({ db }, { onCleanup }) => {
    const opened: AdminConnection[] = [];
    onCleanup(async () => {
      for (const admin of opened) await admin.end({ timeout: 1 });
    });
    return async () => {
      const admin = await openAdminConnection(db.url, { application_name: 'user-service migrate' });
      opened.push(admin);
      return admin;
    };
  })
  .extend('admin', ({ openAdmin }) => openAdmin())
  /** Collects the lines of progress. */
  .extend('lines', async ({}): Promise<string[]> => [])
  /** Collects the lines in `lines`, and reads progress every 20 ms. */
  .extend('progress', async ({ db, lines }) => ({
    print: (line: string) => void lines.push(line),
    monitor: db.sql,
    intervalMs: 20,
  }))
  /** Returns whether the index exists and is valid. */
  .extend('findIndex', async ({ db }) => async () => {
    const [row] = await db.sql<{ oid: string; isValid: boolean }[]>`
      select indexrelid::text as oid, indisvalid as "isValid" from pg_index where indexrelid = to_regclass(${INDEX})`;
    return row;
  })
  .extend('dropIndex', { auto: true }, async ({ db }, { onCleanup }) => {
    onCleanup(async () => {
      await db.sql`drop index if exists ${db.sql(INDEX)}`;
    });
  });

/** Returns how many sessions of migrations wait for a lock of the type. */
async function countMigrationsWaitingFor({ sql }: TestDatabase, lock: 'relation' | 'transactionid'): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*)::int as count from pg_stat_activity
    where datname = current_database() and application_name = 'user-service migrate' and wait_event_type = 'Lock'
      and wait_event = ${lock}`;
  return row?.count ?? 0;
}

describe('a migration of a table that a long transaction reads', () => {
  it('is tried again until the transaction ends, and requests do not queue behind its lock', {
    timeout: 30_000,
  }, async ({ db, admin, lines, serve, createUser }) => {
    await db.sql`alter table badges drop column if exists extra`;
    const service = await serve({ DATABASE_URL: withLongLockTimeout(db.url) });
    const { id, token } = await createUser();
    let isOver = false;
    const slowest = { ms: 0 };
    const statuses = new Set<number>();
    const client = async () => {
      while (!isOver) {
        const start = performance.now();
        statuses.add((await service.rest(`/users/${id}/badges`, { token, body: badgeBody() })).status);
        statuses.add((await service.rest(`/users/${id}/badges?limit=1`)).status);
        slowest.ms = Math.max(slowest.ms, performance.now() - start);
        await delay(20);
      }
    };
    const migration = db.sql.begin(async (tx) => {
      await tx`select count(*) from badges`;
      const running = inMigrationTransaction(
        admin,
        (line) => void lines.push(line),
        async (sql) => {
          await sql`alter table badges add column extra int`;
        },
      );
      await delay(2500);
      return { running };
    });
    const clients = [client(), client()];
    await (await migration).running;
    isOver = true;
    await Promise.all(clients);

    expect(lines).toContainEqual(expect.stringContaining('another transaction has locked a table'));
    expect([...statuses]).toEqual([200]);
    // The limit of requests without `withLongLockTimeout`.
    expect(LOCK_TIMEOUT_MS).toBeLessThan(TIMEOUTS.lock_timeout);
    expect(slowest.ms).toBeLessThan(1500 + BUSY_MACHINE_MS);
    expect(await db.sql`select from information_schema.columns where column_name = 'extra'`).toHaveLength(1);
  });
});

describe('a marked migration', () => {
  it('is one whose first line is "-- concurrently"', () => {
    expect(isConcurrent([CREATE_INDEX, 'select 1'])).toBe(true);
    expect(isConcurrent(['create index "x" on badges (name)', CREATE_INDEX])).toBe(false);
    expect(isConcurrent([])).toBe(false);
  });

  it('builds an index, and keeps it when the migration runs again', async ({ admin, lines, db, findIndex }) => {
    const print = (line: string) => void lines.push(line);
    const run = () => runConcurrently(admin, [CREATE_INDEX], { print, monitor: db.sql });
    await run();
    const built = await findIndex();
    expect(built).toMatchObject({ isValid: true });
    await run();
    expect(await findIndex()).toEqual(built);
    expect(lines).toEqual(Array(2).fill(expect.stringMatching(/^statement 1 of 1: create index concurrently/)));
  });

  it('builds an index again that a killed run has left invalid', async ({ db, admin, progress, findIndex }) => {
    const killed = await db.sql.begin(async (tx) => {
      await tx`insert into auth_users (id) values ('a-writer')`;
      await tx`insert into badges (auth_user_id, name, description, icon_url, date_achieved)
               values ('a-writer', 'a', 'b', '/c', now())`;
      const run = runConcurrently(admin, [CREATE_INDEX], progress).catch((error) => error);
      await expect.poll(findIndex).toMatchObject({ isValid: false });
      await db.sql`select pg_terminate_backend(pid) from pg_stat_activity
                   where datname = current_database() and application_name = 'user-service migrate'`;
      return { run };
    });
    expect(await killed.run).toBeInstanceOf(Error);
    expect(await findIndex()).toMatchObject({ isValid: false });
    await runConcurrently(admin, [CREATE_INDEX], progress);
    expect(await findIndex()).toMatchObject({ isValid: true });
  });

  it('keeps an index that the backend of a killed run makes valid while the next run waits to drop it', async ({
    db,
    admin,
    progress,
    findIndex,
  }) => {
    await db.sql.unsafe(CREATE_INDEX);
    const setValid = (sql: Sql, isValid: boolean) =>
      sql`update pg_index set indisvalid = ${isValid} where indexrelid = to_regclass(${INDEX})`;
    await setValid(db.sql, false);
    const built = await findIndex();
    const { next } = await db.sql.begin(async (tx) => {
      await setValid(tx, true);
      const next = runConcurrently(admin, [CREATE_INDEX], progress);
      await expect.poll(() => countMigrationsWaitingFor(db, 'transactionid')).toBe(1);
      return { next };
    });
    await next;
    expect(await findIndex()).toEqual({ oid: built?.oid, isValid: true });
  });

  it('builds an index that the backend of a killed run leaves invalid while the next run waits to create it', async ({
    db,
    admin,
    openAdmin,
    progress,
    findIndex,
  }) => {
    const killed = await openAdmin();
    const { orphan, next } = await db.sql.begin(async (tx) => {
      await tx`lock table badges in share update exclusive mode`;
      const orphan = runConcurrently(killed, [CREATE_INDEX], progress).catch((error) => error);
      await expect.poll(() => countMigrationsWaitingFor(db, 'relation')).toBe(1);
      const next = runConcurrently(admin, [CREATE_INDEX], progress);
      await expect.poll(() => countMigrationsWaitingFor(db, 'relation')).toBe(2);
      return { orphan, next };
    });
    await Promise.all([orphan, next]);
    expect(await findIndex()).toMatchObject({ isValid: true });
  });

  it('prints the phase of an index that waits for a transaction, and what is done of it', async ({
    db,
    admin,
    lines,
    progress,
    findIndex,
  }) => {
    const running = await db.sql.begin(async (tx) => {
      await tx`lock table badges in row exclusive mode`;
      const run = runConcurrently(admin, [CREATE_INDEX], progress);
      const line = `${INDEX}: waiting for writers before build, 0%`;
      await expect.poll(() => lines).toContain(line);
      return { run };
    });
    await running.run;
    expect(await findIndex()).toMatchObject({ isValid: true });
  });

  it('repeats a statement with the line "-- repeat" until it changes no row, and prints the time left', async ({
    db,
    admin,
    lines,
    progress,
  }) => {
    await db.sql`drop table if exists backfill`;
    await db.sql`create table backfill as select n, false as done from generate_series(1, 25) n`;
    await db.sql`analyze backfill`;
    const batch = `-- repeat
      update backfill set done = true where n in (select n from backfill where not done limit 10)`;
    await runConcurrently(admin, [batch], { ...progress, intervalMs: 0 });
    expect(await db.sql`select count(*)::int as count from backfill where done`).toEqual([{ count: 25 }]);
    expect(lines.slice(1)).toEqual([
      expect.stringMatching(/^10 of at most about 25 rows, at most about \d+ s left$/),
      expect.stringMatching(/^20 of at most about 25 rows, at most about \d+ s left$/),
      '25 rows',
      '25 rows in all',
    ]);
  });

  it('repeats a statement after the timeout of a lock, without its locks meanwhile', { timeout: 20_000 }, async ({
    db,
    admin,
    lines,
    progress,
  }) => {
    await db.sql`drop table if exists locked`;
    await db.sql`create table locked as select n, false as done from generate_series(1, 3) n`;
    const batch = '-- repeat\nupdate locked set done = true where not done';
    const running = await db.sql.begin(async (tx) => {
      await tx`select from locked where n = 3 for update`;
      const run = runConcurrently(admin, [batch], progress);
      await expect
        .poll(() => lines, { interval: 5 })
        .toContainEqual(expect.stringMatching(/^another transaction has locked a row;/));
      // Between two attempts; a busy machine may miss the time after the first one.
      const lockOther = () => tx.savepoint((nested) => nested`select from locked where n = 1 for update nowait`);
      await expect.poll(lockOther, { interval: 5 }).toHaveLength(1);
      return { run };
    });
    await running.run;
    expect(await db.sql`select count(*)::int as count from locked where done`).toEqual([{ count: 3 }]);
  });

  it('runs in a transaction on the new tables of a new database', async ({ admin, findIndex }) => {
    await admin.begin((tx) => runInTransaction(tx, [CREATE_INDEX]));
    expect(await findIndex()).toMatchObject({ isValid: true });
  });

  it('is rejected where the server limits the time of statements', async ({ db, progress, onTestFinished }) => {
    const limited = await openAdminConnection(db.url, { application_name: 'test', statement_timeout: '1500ms' });
    onTestFinished(() => limited.end({ timeout: 1 }));
    await expect(runConcurrently(limited, [CREATE_INDEX], progress)).rejects.toThrow(/^statement_timeout is 1500ms/);
  });
});
