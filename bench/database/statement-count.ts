import type { Sql } from 'postgres';

/** Installs `pg_stat_statements` and turns it off, because counting takes PostgreSQL's CPU time. */
export async function installStatementCount(sql: Sql): Promise<void> {
  await sql`create extension if not exists pg_stat_statements`;
  await track(sql, 'none');
}

/**
 * Returns how many statements PostgreSQL executes while `work` runs, including those that begin and end transactions.
 */
export async function countStatements(sql: Sql, work: () => Promise<void>): Promise<number> {
  await track(sql, 'top');
  await sql`select pg_stat_statements_reset()`;
  await work();
  const [row] = await sql`
    select coalesce(sum(calls), 0)::int as calls from pg_stat_statements where query not like '%pg_stat_statements%'`;
  await track(sql, 'none');
  return row?.calls;
}

async function track(sql: Sql, level: 'none' | 'top'): Promise<void> {
  await sql`alter system set pg_stat_statements.track = ${sql.unsafe(level)}`;
  await sql`select pg_reload_conf()`;
  // Sessions apply a new setting between two statements.
  await sql`select pg_sleep(0.1)`;
}
