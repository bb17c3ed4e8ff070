import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres, { type Sql } from 'postgres';
import { startPostgres } from '../../dev/postgres.ts';
import { it as base, expect } from '../support/fixtures.ts';
import { legacy, sample, succeed } from './support/cutover.ts';

/** A server of its own, which vacuums eagerly and knows prepared transactions, with a database of era A. */
const it = base.extend('eager', async ({}, { onCleanup }) => {
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

async function startSlowVacuum(sql: Sql): Promise<void> {
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
  await expect.poll(isVacuumed, { timeout: 15_000 }).toBe(true);
}

it('migrate makes an autovacuum of the old tables give way', { timeout: 60_000 }, async ({ eager }) => {
  await startSlowVacuum(eager.sql);
  await succeed(eager, 'migrate');
  await succeed(eager, 'verify --strict');
});

it('migrate names the prepared transaction that keeps it from a table', { timeout: 60_000 }, async ({ eager }) => {
  await eager.sql.unsafe("begin; insert into badges (name) values ('prepared'); prepare transaction 'forgotten'");
  expect(await legacy(eager, 'migrate')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("the prepared transaction 'forgotten'"),
  });
  await eager.sql`commit prepared 'forgotten'`;
  await succeed(eager, 'migrate');
});
