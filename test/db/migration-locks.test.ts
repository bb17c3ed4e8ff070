import { setTimeout as delay } from 'node:timers/promises';
import { openAdminConnection } from '../../src/db/admin-connection.ts';
import { isConcurrent, runConcurrently, runInTransaction } from '../../src/db/concurrent-migration.ts';
import { inMigrationTransaction } from '../../src/db/migration-lock.ts';
import { badgeBody, it as base, describe, expect } from '../support/fixtures.ts';

const INDEX = 'badges_name_idx';
const CREATE_INDEX = `-- concurrently\ncreate index concurrently if not exists "${INDEX}" on badges (name)`;

const it = base
  .extend('admin', async ({ db }, { onCleanup }) => {
    const admin = await openAdminConnection(db.url, { application_name: 'user-service migrate' });
    onCleanup(() => admin.end({ timeout: 1 }));
    return admin;
  })
  /** Collects the lines of progress. */
  .extend('lines', async ({}): Promise<string[]> => [])
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

describe('a migration of a table that a long transaction reads', () => {
  it('is tried again until the transaction ends, and requests do not queue behind its lock', {
    timeout: 30_000,
  }, async ({ db, admin, lines, service, createUser }) => {
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

    expect(lines).toContainEqual(expect.stringContaining('a table is locked by another transaction'));
    expect([...statuses]).toEqual([200]);
    expect(slowest.ms).toBeLessThan(1500);
    expect(await db.sql`select from information_schema.columns where column_name = 'extra'`).toHaveLength(1);
  });
});

describe('a marked migration', () => {
  it('is one whose first line is "-- concurrently"', () => {
    expect(isConcurrent([CREATE_INDEX, 'select 1'])).toBe(true);
    expect(isConcurrent(['create index "x" on badges (name)', CREATE_INDEX])).toBe(false);
    expect(isConcurrent([])).toBe(false);
  });

  it('builds an index, and keeps it when the migration runs again', async ({ admin, lines, findIndex }) => {
    const run = () => runConcurrently(admin, [CREATE_INDEX], (line) => void lines.push(line));
    await run();
    const built = await findIndex();
    expect(built).toMatchObject({ isValid: true });
    await run();
    expect(await findIndex()).toEqual(built);
    expect(lines).toEqual(Array(2).fill(expect.stringMatching(/^statement 1 of 1: create index concurrently/)));
  });

  it('builds an index again that a killed run has left invalid', async ({ db, admin, findIndex }) => {
    const killed = await db.sql.begin(async (tx) => {
      await tx`insert into auth_users (id) values ('a-writer')`;
      await tx`insert into badges (auth_user_id, name, description, icon_url, date_achieved)
               values ('a-writer', 'a', 'b', '/c', now())`;
      const run = runConcurrently(admin, [CREATE_INDEX], () => undefined).catch((error) => error);
      await expect.poll(findIndex, { timeout: 5000 }).toMatchObject({ isValid: false });
      await db.sql`select pg_terminate_backend(pid) from pg_stat_activity
                   where datname = current_database() and application_name = 'user-service migrate'`;
      return { run };
    });
    expect(await killed.run).toBeInstanceOf(Error);
    expect(await findIndex()).toMatchObject({ isValid: false });
    await runConcurrently(admin, [CREATE_INDEX], () => undefined);
    expect(await findIndex()).toMatchObject({ isValid: true });
  });

  it('repeats a statement with the line "-- repeat" until it changes no row', async ({ db, admin, lines }) => {
    await db.sql`create table backfill as select n, false as done from generate_series(1, 25) n`;
    const batch = `-- repeat
      update backfill set done = true where n in (select n from backfill where not done limit 10)`;
    await runConcurrently(admin, [batch], (line) => void lines.push(line));
    expect(await db.sql`select count(*)::int as count from backfill where done`).toEqual([{ count: 25 }]);
    expect(lines.slice(1)).toEqual(['10 rows', '20 rows', '25 rows']);
  });

  it('runs in a transaction on the new tables of a new database', async ({ admin, findIndex }) => {
    await admin.begin((tx) => runInTransaction(tx, [CREATE_INDEX]));
    expect(await findIndex()).toMatchObject({ isValid: true });
  });

  it('is rejected where the server limits the time of statements', async ({ db, onTestFinished }) => {
    const limited = await openAdminConnection(db.url, { application_name: 'test', statement_timeout: '1500ms' });
    onTestFinished(() => limited.end({ timeout: 1 }));
    await expect(runConcurrently(limited, [CREATE_INDEX], () => undefined)).rejects.toThrow(
      /^statement_timeout is 1500ms/,
    );
  });
});
