import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import postgres, { type Sql } from 'postgres';
import { vi } from 'vitest';
import { startPostgres } from '../../dev/postgres.ts';
import { LOCK_TIMEOUT_MS } from '../../src/cutover/postgres/table-locks.ts';
import { TIMEOUTS } from '../../src/db/client.ts';
import { expect } from '../support/fixtures.ts';
import { it as base, runCutover, runSuccessfully, sample } from './support/cutover.ts';
import { dump } from './support/dump.ts';

/** A database of era A on its own server with frequent autovacuums and support for prepared transactions. */
const it = base.extend('server', async ({}, { onCleanup }) => {
  const dataDir = join(tmpdir(), `user-service-test-${randomBytes(4).toString('hex')}`);
  const settings = { fsync: 'off', autovacuum_naptime: '1', max_prepared_transactions: '2' };
  const server = await startPostgres({ dataDir, port: 0, persistent: false, settings });
  const url = server.url('postgres');
  const sql = postgres(url, { max: 1, onnotice: () => undefined });
  onCleanup(async () => {
    await sql.end();
    await server.stop();
  });
  await sql.unsafe(sample('a'));
  return { url, sql };
});

async function startSlowAutovacuum(sql: Sql): Promise<void> {
  await sql`
    alter table badges set (autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1,
      autovacuum_vacuum_threshold = 1, autovacuum_vacuum_scale_factor = 0)`;
  await sql`insert into badges (name, owner_id) select repeat('x', 500), 1 from generate_series(1, 30000)`;
  await sql`delete from badges where id > 20 and id % 2 = 0`;
  const isVacuumed = async () =>
    (
      await sql`
        select from pg_stat_activity a join pg_locks l on l.pid = a.pid and l.relation = 'badges'::regclass
        where a.backend_type = 'autovacuum worker'`
    ).length > 0;
  await vi.waitUntil(isVacuumed, { timeout: 15_000 });
}

it.concurrent('migrate cancels an autovacuum of the v1 tables', { timeout: 60_000 }, async ({ server }) => {
  await startSlowAutovacuum(server.sql);
  await runSuccessfully(server, 'migrate');
  await runSuccessfully(server, 'verify --strict');
});

it.concurrent('migrate reports the prepared transaction that holds a lock', { timeout: 60_000 }, async ({ server }) => {
  await server.sql.unsafe("begin; insert into badges (name) values ('prepared'); prepare transaction 'forgotten'");
  expect(await runCutover(server, 'migrate')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("the prepared transaction 'forgotten'"),
  });
  await server.sql`commit prepared 'forgotten'`;
  await runSuccessfully(server, 'migrate');
});

it('finalize does not make requests time out that queue behind its locks of two tables', async ({
  createMigrated,
  onTestFinished,
}) => {
  const db = await createMigrated();
  const connect = () => {
    const sql = postgres(db.url, { max: 1, connection: { lock_timeout: 1400 } });
    onTestFinished(() => sql.end());
    return sql;
  };
  const [badges, goals, client] = [connect(), connect(), connect()];
  await badges`begin; lock table badges in access share mode`.simple();
  await goals`begin; lock table learning_goals in access share mode`.simple();
  const finalizing = runCutover(db, 'finalize --yes');
  const isWaiting = async () => {
    const waiting = await db.sql`
      select from pg_locks
      where relation = 'badges'::regclass and mode = 'AccessExclusiveLock' and not granted`;
    return waiting.length > 0;
  };
  await vi.waitUntil(isWaiting, { timeout: 15_000, interval: 1 });
  const request = client`select id from badges`;
  // Less than the time that an attempt waits for a table. The attempt then waits for the other one.
  await Promise.all([request, delay(150).then(() => badges`commit`)]);
  expect(await request).toHaveLength(3);
  expect(2 * LOCK_TIMEOUT_MS).toBeLessThan(TIMEOUTS.lock_timeout);
  await goals`commit`;
  expect(await finalizing).toMatchObject({ code: 0 });
});

it('migrate reports the session with an open transaction, and does not block readers for long', async ({
  createDatabase,
}) => {
  const db = await createDatabase(sample('a'));
  const before = await dump(db.sql);
  const client = await db.sql.reserve();
  await client`set application_name = 'fastapi'`;
  await client`begin`;
  await client`select count(*) from badges`;
  const migrating = runCutover(db, 'migrate');
  const countWaiting = async () =>
    (await db.sql`select from pg_stat_activity where datname = current_database() and wait_event = 'relation'`).length;
  await expect.poll(countWaiting).toBe(1);
  // This read queues behind the lock that migrate waits for.
  expect(await db.sql`select id from badges`).toHaveLength(4);
  expect(await migrating).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/Cannot lock .*\(fastapi, idle in transaction/),
  });
  await client`rollback`;
  client.release();
  expect(await dump(db.sql)).toEqual(before);
  await runSuccessfully(db, 'migrate');
});
