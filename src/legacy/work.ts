import { setTimeout as sleep } from 'node:timers/promises';
import { sqlState } from '../db/failure.ts';
import { SERVICE, type Session, type Sql } from '../db/maintenance.ts';
import { Refusal } from './refusal.ts';

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

/** Transactions of a session that holds the lock; they fail once it has lost its connection, and with it the lock. */
export async function lastingWork(session: Session): Promise<Work> {
  const first = await backendOf(session);
  const requireSame = async (tx: Sql) => {
    if ((await backendOf(tx)) !== first) throw new Refusal('The connection to the database was lost; run it again.');
  };
  return {
    sql: session,
    atomically: (act) =>
      session.begin(async (tx) => {
        await requireSame(tx);
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
      done.result = await act({ sql: tx, atomically: (part) => tx.savepoint(part) as Promise<never> });
      throw undo;
    });
  } catch (error) {
    if (error !== undo) throw error;
  }
  return done.result as Result;
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

async function describeHolders(sql: Sql, tables: readonly string[]): Promise<string> {
  const holders = await sql<{ pid: number; application: string; state: string; seconds: number }[]>`
    select distinct a.pid, coalesce(nullif(a.application_name, ''), 'without a name') as application,
      coalesce(a.state, 'hidden from this role') as state,
      coalesce(extract(epoch from clock_timestamp() - a.xact_start), 0)::int as seconds
    from pg_catalog.pg_locks l join pg_catalog.pg_stat_activity a on a.pid = l.pid
    where l.granted and l.pid <> pg_backend_pid() and l.database = (
        select oid from pg_catalog.pg_database where datname = current_database())
      and l.relation in (select to_regclass(name) from unnest(string_to_array(${tables.join()}, ',')) name)
    order by 1`;
  const named = holders.map(
    ({ pid, application, state, seconds }) => `${pid} (${application}, ${state}, ${seconds} s in its transaction)`,
  );
  const who = named.length > 0 ? `these sessions hold it: ${named.join(', ')}` : 'other sessions keep taking it';
  return `No lock on ${tables.join(', ')} was to be had: ${who}. Stop what uses the database, and try again.`;
}

async function backendOf(sql: Sql): Promise<number> {
  const [row] = await sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
  return row?.pid ?? 0;
}
