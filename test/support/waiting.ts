import type { Sql } from 'postgres';

interface Waiting {
  /** The kind of the wait; `Timeout` is that of `pg_sleep`. */
  event?: 'Lock' | 'Timeout';
  /** The program; services by default. */
  application?: string;
}

/** Returns how many sessions of a program wait, for a lock by default. Do not call it in a transaction. */
export async function countWaiting(
  sql: Sql,
  { event = 'Lock', application = 'user-service' }: Waiting = {},
): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*)::int as count from pg_stat_activity
    where datname = current_database() and application_name = ${application} and wait_event_type = ${event}`;
  return row?.count ?? 0;
}

/**
 * Ends the sessions of services that wait for a lock, and returns once they are gone. Do not call it in a transaction.
 */
export async function terminateWaiting(sql: Sql): Promise<void> {
  await sql`
    select pg_terminate_backend(pid, 5000) from pg_stat_activity
    where datname = current_database() and application_name = 'user-service' and wait_event_type = 'Lock'`;
}

/**
 * Returns how many deadlocks the database has had. Ends the sessions of services, because a session reports its
 * deadlocks seconds later, but at its end at the latest. Do not call it in a transaction.
 */
export async function countDeadlocks(sql: Sql): Promise<number> {
  await sql`
    select pg_terminate_backend(pid, 5000) from pg_stat_activity
    where datname = current_database() and application_name = 'user-service'`;
  const [row] = await sql<{ count: number }[]>`
    select deadlocks::int as count from pg_stat_database where datname = current_database()`;
  return row?.count ?? 0;
}
