import type { Sql } from '../../db/maintenance.ts';
import { listDependents, listSizes } from '../postgres/catalog.ts';
import { type Migration, requireMigration } from '../state/migration-state.ts';

export interface Count {
  /** `badges.name` and the like. */
  what: string;
  reason: string;
  rows: number;
}

/** What a migration has made of a database. */
export interface Outcome {
  migration: Migration;
  /** Rows read from each old table. */
  read: Record<string, number>;
  /** Rows in today's tables. */
  present: Record<string, number>;
  changes: Count[];
  orphans: Count[];
  /** Bytes of the old tables, until they are finalized. */
  sizes: Record<string, number>;
  dependents: string[];
}

export async function readOutcome(sql: Sql): Promise<Outcome> {
  const migration = await requireMigration(sql);
  const tables = migration.moved.filter(({ kind }) => kind === 'table').map(({ name }) => name);
  const read = await sql<{ name: string; rows: string }[]>`
    select table_name as name, rows_read::text as rows from legacy.progress order by 1`;
  const [present] = await sql<Record<string, string>[]>`
    select (select count(*) from public.auth_users)::text as auth_users,
      (select count(*) from public.badges)::text as badges,
      (select count(*) from public.learning_goals)::text as learning_goals`;
  return {
    migration,
    read: Object.fromEntries(read.map(({ name, rows }) => [name, Number(rows)])),
    present: Object.fromEntries(Object.entries(present ?? {}).map(([name, rows]) => [name, Number(rows)])),
    changes: await sql<Count[]>`
      select table_name || '.' || column_name as what, reason, count(*)::int as rows
      from legacy.value_notes group by 1, 2
      union all
      select 'learning_goals.status', case when original is null then 'null' else 'unknown' end, count(*)::int
      from legacy.status_notes group by 1, 2
      order by 1, 2`,
    orphans: await sql<Count[]>`
      select table_name as what, reason, count(*)::int as rows from legacy.orphans group by 1, 2 order by 1, 2`,
    sizes: await listSizes(sql, { schema: 'legacy', tables }),
    dependents: await listDependents(sql, { schema: 'legacy', tables }),
  };
}
