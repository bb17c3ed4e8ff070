import { onTestFinished } from 'vitest';
import { type Database, openDatabase } from '../../src/db/client.ts';
import { type CleanupOptions, startKeyCleanup } from '../../src/idempotency/key-cleanup.ts';
import { BUSY_MACHINE_MS } from '../support/busy-machine.ts';
import type { TestDatabase } from '../support/database.ts';
import { badgeBody, it as base, describe, expect } from '../support/fixtures.ts';

const HOUR_MS = 3_600_000;
const ROUTE = 'POST /:auth_user_id/badges';

type Pool = Database & { sent: string[] };

/**
 * A database without keys, `openPool` for pools of one connection, one such `pool`, and cleanups that the test stops at
 * its end.
 */
const it = base
  .extend('openPool', async ({ db }, { onCleanup }) => {
    await db.sql`truncate idempotency_keys`;
    const opened: Database[] = [];
    onCleanup(async () => {
      for (const database of opened) await database.close(1);
    });
    return (onQuery: () => void = () => undefined): Pool => {
      const sent: string[] = [];
      const observe = (sql: string) => {
        sent.push(sql);
        onQuery();
      };
      const database = openDatabase({ url: db.url, poolSize: 1, onQuery: observe });
      opened.push(database);
      return { ...database, sent };
    };
  })
  .extend('pool', ({ openPool }) => openPool())
  .extend('clean', async ({ pool }, { onCleanup }) => {
    const stops: (() => void)[] = [];
    onCleanup(() => {
      for (const stop of stops) stop();
    });
    return (options: Partial<CleanupOptions> = {}) => {
      const log = { error: () => undefined, warn: () => undefined, info: () => undefined };
      const defaults = { db: pool.db, now: () => new Date(), log, countFailure: () => undefined, firstRunMs: 0 };
      const stop = startKeyCleanup({ ...defaults, ...options });
      stops.push(stop);
      return stop;
    };
  });

/** Stores `count` keys of the user `ada` that are `hours` old. */
async function store({ sql }: TestDatabase, count: number, { hours, name }: { hours: number; name: string }) {
  await sql`insert into auth_users (id) values ('ada') on conflict do nothing`;
  await sql`
    insert into idempotency_keys (auth_user_id, route, key, request_hash, status, body, created_at)
    select 'ada', ${ROUTE}, ${name} || n, 'hash', 200, repeat('x', 300),
      now() - ${hours}::float8 * interval '1 hour' + n * interval '1 microsecond'
    from generate_series(1, ${count}::int) n`;
}

/**
 * Makes each deletion of keys take 0.15 s longer, with its keys locked. Returns a function that returns how many keys
 * each connection has deleted.
 */
async function slowDownDeletions({ sql }: TestDatabase) {
  await sql.unsafe(`
    create table deletions (pid int, keys int);
    create function slow_deletion() returns trigger language plpgsql as $$ begin
      insert into deletions select pg_backend_pid(), count(*) from deleted;
      perform pg_sleep(0.15);
      return null;
    end $$;
    create trigger slow_deletion after delete on idempotency_keys referencing old table as deleted
      for each statement execute function slow_deletion()`);
  onTestFinished(async () => {
    await sql.unsafe(
      'drop trigger slow_deletion on idempotency_keys; drop function slow_deletion; drop table deletions',
    );
  });
  return async () =>
    (await sql`select sum(keys)::int as keys from deletions where keys > 0 group by pid`).map(({ keys }) =>
      Number(keys),
    );
}

async function countKeys({ sql }: TestDatabase): Promise<number> {
  const [row] = await sql`select count(*)::int as count from idempotency_keys`;
  return Number(row?.count);
}

/** Executes a statement, again if the pool has no connection for it within 0.5 s. The caller limits the whole time. */
async function readOnce(pool: Pool): Promise<void> {
  try {
    await pool.db.execute('select 1');
  } catch (error) {
    const { message, cause } = error as Error;
    if (!`${message} ${cause}`.includes('no connection became available in time')) throw error;
    await readOnce(pool);
  }
}

/** Returns how many sessions of services wait for a row that another one has locked. */
async function countWaitingForRows({ sql }: TestDatabase): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*)::int as count from pg_stat_activity
    where datname = current_database() and application_name = 'user-service'
      and wait_event_type = 'Lock' and wait_event in ('transactionid', 'tuple')`;
  return row?.count ?? 0;
}

/** Returns the keys in their order. */
const keysOf = async ({ sql }: TestDatabase) =>
  (await sql`select key from idempotency_keys order by key`).map(({ key }) => key as string);

describe('the key cleanup', () => {
  it('deletes the expired keys and no others', async ({ db, clean }) => {
    await store(db, 3, { hours: 24.1, name: 'expired-' });
    await store(db, 3, { hours: 23.9, name: 'valid-' });
    clean();
    await expect.poll(() => keysOf(db)).toEqual(['valid-1', 'valid-2', 'valid-3']);
  });

  it('uses the clock of the service', async ({ db, clean }) => {
    await store(db, 1, { hours: 0, name: 'key-' });
    clean({ now: () => new Date(Date.now() + 25 * HOUR_MS) });
    await expect.poll(() => countKeys(db)).toBe(0);
  });

  it('catches up with 200,000 expired keys in short queries, while writes get their connection', {
    timeout: 120_000,
  }, async ({ db, pool, clean }) => {
    await store(db, 200_000, { hours: 25, name: 'expired-' });
    await store(db, 1000, { hours: 1, name: 'valid-' });
    pool.sent.length = 0;
    clean();
    let slowestRead = 0;
    let slowestDelete = 0;
    while ((await countKeys(db)) > 1000) {
      const startedAt = performance.now();
      await readOnce(pool);
      slowestRead = Math.max(slowestRead, performance.now() - startedAt);
      const [active] = await db.sql`
        select coalesce(max(extract(epoch from clock_timestamp() - query_start) * 1000), 0)::float8 as ms
        from pg_stat_activity where datname = current_database() and state = 'active' and query like '%skip locked%'
          and application_name = 'user-service'`;
      slowestDelete = Math.max(slowestDelete, Number(active?.ms));
    }
    expect(await countKeys(db)).toBe(1000);
    expect(slowestRead).toBeLessThan(1000 + BUSY_MACHINE_MS);
    expect(slowestDelete).toBeLessThan(1000 + BUSY_MACHINE_MS);
    expect(pool.sent.filter((sql) => sql.includes('skip locked')).length).toBeGreaterThanOrEqual(200);
  });

  it('shares the work with the cleanups of other replicas, which it does not wait for', { timeout: 60_000 }, async ({
    db,
    openPool,
    clean,
  }) => {
    await store(db, 20_000, { hours: 25, name: 'expired-' });
    const deletedBy = await slowDownDeletions(db);
    const replicas = [openPool(), openPool(), openPool()];
    await Promise.all(replicas.map((replica) => replica.db.execute('select 1')));
    for (const replica of replicas) clean({ db: replica.db });
    let waiting = 0;
    const progress = async () => {
      waiting += await countWaitingForRows(db);
      return countKeys(db);
    };
    await expect.poll(progress, { timeout: 30_000, interval: 20 }).toBe(0);
    expect(waiting).toBe(0);
    const deleted = await deletedBy();
    expect(deleted).toHaveLength(3);
    expect(deleted.reduce((sum, keys) => sum + keys)).toBe(20_000);
  });

  it('skips keys that a transaction has locked', async ({ db, clean }) => {
    await store(db, 10, { hours: 25, name: 'expired-' });
    await db.sql.begin(async (tx) => {
      await tx`select from idempotency_keys where key = 'expired-1' for update`;
      clean();
      await expect.poll(() => keysOf(db)).toEqual(['expired-1']);
    });
  });

  it('continues after a failed query, and logs and counts it once per run', async ({ db, clean }) => {
    await store(db, 10, { hours: 25, name: 'expired-' });
    const warnings: object[] = [];
    const failures: string[] = [];
    const countFailure = (task: string) => void failures.push(task);
    const log = { error: () => undefined, info: () => undefined, warn: (fields: object) => void warnings.push(fields) };
    await db.sql.begin(async (tx) => {
      await tx`lock table idempotency_keys in access exclusive mode`;
      clean({ log, countFailure });
      await expect.poll(() => warnings.length).toBe(1);
    });
    expect(await countKeys(db)).toBe(10);
    clean({ log, countFailure });
    await expect.poll(() => countKeys(db)).toBe(0);
    expect(warnings).toHaveLength(1);
    expect(failures).toEqual(['key_cleanup']);
  });

  it('sends no query after it is stopped', async ({ db, pool, clean }) => {
    await store(db, 10, { hours: 25, name: 'expired-' });
    pool.sent.length = 0;
    clean()();
    await pool.db.execute('select 1');
    expect(pool.sent).toEqual(['select 1']);
    expect(await countKeys(db)).toBe(10);
  });

  it('sends no further query when it is stopped during one', async ({ db, openPool, clean }) => {
    await store(db, 5000, { hours: 25, name: 'expired-' });
    let stop: () => void = () => undefined;
    const pool = openPool(() => stop());
    stop = clean({ db: pool.db });
    await expect.poll(() => countKeys(db)).toBe(4000);
    for (let i = 0; i < 2; i++) await pool.db.execute('select 1');
    expect(pool.sent).toEqual([expect.stringContaining('skip locked'), 'select 1', 'select 1']);
    expect(await countKeys(db)).toBe(4000);
  });

  it('leaves a key usable for a new request', async ({ db, service, clean, createUser }) => {
    const { id, token } = await createUser();
    const headers = { 'idempotency-key': 'k-1' };
    const post = () => service.rest(`/users/${id}/badges`, { token, body: badgeBody(), headers });
    const first = await post();
    await db.sql`update idempotency_keys set created_at = created_at - interval '25 hours'`;
    clean();
    await expect.poll(() => countKeys(db)).toBe(0);
    const second = await post();
    expect([second.status, second.headers['idempotent-replayed']]).toEqual([200, undefined]);
    expect(second.body.id).not.toBe(first.body.id);
  });
});
