import { setTimeout as sleep } from 'node:timers/promises';
import type { Sql } from '../../db/admin-connection.ts';
import { retryLockTimeouts } from '../../db/lock-retries.ts';
import { CutoverError } from '../cutover-error.ts';
import type { TransactionRunner } from './transactions.ts';

/**
 * Attempts of about a second each, and longer while an autovacuum runs. A lock that is held for longer has to be ended
 * by the operator.
 */
const LOCK_ATTEMPTS = 6;
/**
 * How long an attempt waits for each table. `finalize` locks two tables of the running service, one after the other.
 * Both waits together have to be shorter than the service's `lock_timeout` of 500 ms, so that no queued request fails.
 */
export const LOCK_TIMEOUT_MS = 200;
/** Pause between two attempts, in which the requests that have queued behind the lock run. */
const LOCK_RETRY_DELAY_MS = 600;

/**
 * Runs `work` in a transaction that holds ACCESS EXCLUSIVE locks on the tables. Lock attempts are short and repeated,
 * because other sessions queue behind a waiting attempt.
 * @throws CutoverError with the sessions that hold conflicting locks
 */
export function withTablesLocked<Result>(
  runner: TransactionRunner,
  tables: readonly string[],
  work: (tx: Sql) => Promise<Result>,
): Promise<Result> {
  let attempts = 0;
  const pause = async () => {
    attempts++;
    if (attempts === LOCK_ATTEMPTS) throw new CutoverError(await describeLockHolders(runner.sql, tables));
    await sleep(LOCK_RETRY_DELAY_MS);
  };
  return retryLockTimeouts({ pause }, () =>
    runner.transaction(async (tx) => {
      await cancelAutovacuum(tx, tables);
      await tx`select set_config('lock_timeout', ${String(LOCK_TIMEOUT_MS)}, true)`;
      for (const table of tables) await tx`lock table ${tx(table)} in access exclusive mode`;
      return work(tx);
    }),
  );
}

/**
 * Waits for a running autovacuum of the tables to cancel itself. PostgreSQL cancels it when another session has waited
 * for `deadlock_timeout`, unless it prevents wraparound: then the attempt fails with a lock timeout. SHARE UPDATE
 * EXCLUSIVE conflicts with autovacuum but not with reads and writes.
 */
async function cancelAutovacuum(tx: Sql, tables: readonly string[]): Promise<void> {
  await tx`
    select set_config('lock_timeout',
      (extract(epoch from current_setting('deadlock_timeout')::interval) * 1000 + 1000)::int::text, true)`;
  for (const table of tables) await tx`lock table ${tx(table)} in share update exclusive mode`;
}

async function describeLockHolders(sql: Sql, tables: readonly string[]): Promise<string> {
  const rows = await sql<{ holder: string }[]>`
    with held as (
      select distinct pid from pg_catalog.pg_locks
      where granted and pid is distinct from pg_backend_pid()
        and database = (select oid from pg_catalog.pg_database where datname = current_database())
        and relation in (select to_regclass(name) from unnest(string_to_array(${tables.join()}, ',')) name))
    select format('session %s (%s, %s, transaction open for %s s)', a.pid,
      coalesce(nullif(a.application_name, ''), a.backend_type, 'without a name'),
      coalesce(a.state, 'state hidden from this role'),
      coalesce(extract(epoch from clock_timestamp() - a.xact_start), 0)::int) as holder
    from held join pg_catalog.pg_stat_activity a on a.pid = held.pid
    union all
    select format('the prepared transaction %L of %s (end it with commit prepared or rollback prepared)', gid, owner)
    from pg_catalog.pg_prepared_xacts
    where database = current_database() and exists (select from held where pid is null)
    order by 1`;
  const holders = rows.map(({ holder }) => holder);
  const cause = holders.length > 0 ? `held by ${holders.join(', ')}` : 'other sessions acquire it repeatedly';
  return `Cannot lock ${tables.join(', ')}: ${cause}. Stop the clients of the database and run the command again.`;
}
