import { setTimeout as sleep } from 'node:timers/promises';
import { sqlState } from '../../db/failure.ts';
import { holdsDatabaseLock, SERVICE, type Session, type Sql } from '../../db/maintenance.ts';
import { Refusal } from '../cutover-error.ts';

const LOCK_ATTEMPTS = 6;
/** Less than the service's own `lock_timeout`: whoever queues behind us must not fail for it. */
const LOCK_WAIT_MS = 400;
const LOCK_PAUSE_MS = 600;
const LOCK_NOT_AVAILABLE = '55P03';

/** Where a command does its work: in transactions one after another, or, for a dry run, all in one that comes to nothing. */
export interface Work {
  /** For what is only read. */
  sql: Sql;
  /** All of `act` or nothing of it. */
  atomically<Result>(act: (tx: Sql) => Promise<Result>): Promise<Result>;
}

/** Transactions of a session that holds the lock; they are refused once it has lost its connection, and with it the lock. */
export function lastingWork(session: Session): Work {
  return {
    sql: session,
    atomically: (act) =>
      session.begin(async (tx) => {
        await requireLock(tx);
        return act(tx);
      }) as Promise<never>,
  };
}

/** Runs `act` in one transaction and rolls it back, whatever becomes of it. */
export async function rolledBack<Result>(session: Session, act: (work: Work) => Promise<Result>): Promise<Result> {
  const done: { result?: Result } = {};
  const undo = new Error('rolled back on purpose');
  try {
    await session.begin(async (tx) => {
      await requireLock(tx);
      done.result = await act({ sql: tx, atomically: (part) => tx.savepoint(part) as Promise<never> });
      throw undo;
    });
  } catch (error) {
    if (error !== undo) throw error;
  }
  return done.result as Result;
}

async function requireLock(tx: Sql): Promise<void> {
  if (!(await holdsDatabaseLock(tx))) throw new Refusal('The connection to the database was lost; run it again.');
}

/** @throws Refusal while replicas of this service are connected */
export async function requireNoService(sql: Sql): Promise<void> {
  const [row] = await sql<{ sessions: number }[]>`
    select count(*)::int as sessions from pg_catalog.pg_stat_activity
    where datname = current_database() and application_name = ${SERVICE}`;
  const sessions = row?.sessions ?? 0;
  if (sessions === 0) return;
  throw new Refusal(
    `The user-service is connected to this database (${sessions} ${sessions === 1 ? 'session' : 'sessions'}): ` +
      'stop all of its replicas, and try again.',
  );
}

/**
 * Runs `act` in a transaction that has these tables to itself. It waits for them briefly and repeatedly, so that those
 * who want to read them never queue behind it for longer than a moment.
 * @throws Refusal naming who has kept it from them
 */
export async function withTablesLocked<Result>(
  work: Work,
  tables: readonly string[],
  act: (tx: Sql) => Promise<Result>,
): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work.atomically(async (tx) => {
        await stopAutovacuum(tx, tables);
        await tx`select set_config('lock_timeout', ${String(LOCK_WAIT_MS)}, true)`;
        for (const table of tables) await tx`lock table ${tx(table)} in access exclusive mode`;
        return act(tx);
      });
    } catch (error) {
      if (sqlState(error) !== LOCK_NOT_AVAILABLE) throw error;
      if (attempt === LOCK_ATTEMPTS) throw new Refusal(await describeHolders(work.sql, tables));
      await sleep(LOCK_PAUSE_MS);
    }
  }
}

/**
 * Autovacuum gives way, but only to those who have waited for `deadlock_timeout`, a second. So the wait is for a lock that
 * neither readers nor writers mind, and queue behind.
 */
async function stopAutovacuum(tx: Sql, tables: readonly string[]): Promise<void> {
  await tx`
    select set_config('lock_timeout',
      (extract(epoch from current_setting('deadlock_timeout')::interval) * 1000 + 1000)::int::text, true)`;
  for (const table of tables) await tx`lock table ${tx(table)} in share update exclusive mode`;
}

async function describeHolders(sql: Sql, tables: readonly string[]): Promise<string> {
  const holders = await sql<{ holder: string }[]>`
    with held as (
      select distinct pid from pg_catalog.pg_locks
      where granted and pid is distinct from pg_backend_pid()
        and database = (select oid from pg_catalog.pg_database where datname = current_database())
        and relation in (select to_regclass(name) from unnest(string_to_array(${tables.join()}, ',')) name))
    select format('session %s (%s, %s, %s s in its transaction)', a.pid,
      coalesce(nullif(a.application_name, ''), a.backend_type, 'without a name'),
      coalesce(a.state, 'hidden from this role'),
      coalesce(extract(epoch from clock_timestamp() - a.xact_start), 0)::int) as holder
    from held join pg_catalog.pg_stat_activity a on a.pid = held.pid
    union all
    select format('the prepared transaction %L of %s (rollback prepared or commit prepared ends it)', gid, owner)
    from pg_catalog.pg_prepared_xacts
    where database = current_database() and exists (select from held where pid is null)
    order by 1`;
  const named = holders.map(({ holder }) => holder);
  const who = named.length > 0 ? `it is held by ${named.join(', ')}` : 'other sessions keep taking it';
  return `No lock on ${tables.join(', ')} was to be had: ${who}. Stop what uses the database, and try again.`;
}
