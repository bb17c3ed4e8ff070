import type { Sql } from '../../db/admin-connection.ts';
import { listDependents } from '../postgres/dependencies.ts';
import { getTableSizes } from '../postgres/relations.ts';
import { type Migration, requireMigration } from '../state/migration-state.ts';
import { movedTableNames } from '../state/moved-objects.ts';
import type { RowCount } from '../transform/classified-rows.ts';

export interface MigrationSummary {
  migration: Migration;
  /** Rows read from each v1 table. */
  rowsRead: Record<string, number>;
  /** Rows in each current table. */
  rowsPresent: Record<string, number>;
  replacements: RowCount[];
  orphans: RowCount[];
  /** Size of each v1 table with its indexes. */
  bytes: Record<string, number>;
  dependents: string[];
}

export async function summarizeMigration(sql: Sql): Promise<MigrationSummary> {
  const migration = await requireMigration(sql);
  const tables = movedTableNames(migration.movedObjects);
  const read = await sql<{ name: string; rows: string }[]>`
    select table_name as name, rows_read::text as rows from legacy.progress order by 1`;
  const [present] = await sql<Record<string, string>[]>`
    select (select count(*) from public.auth_users)::text as auth_users,
      (select count(*) from public.badges)::text as badges,
      (select count(*) from public.learning_goals)::text as learning_goals`;
  return {
    migration,
    rowsRead: Object.fromEntries(read.map(({ name, rows }) => [name, Number(rows)])),
    rowsPresent: Object.fromEntries(Object.entries(present ?? {}).map(([name, rows]) => [name, Number(rows)])),
    replacements: await sql<RowCount[]>`
      select table_name || '.' || column_name as subject, reason, count(*)::int as rows
      from legacy.value_notes group by 1, 2
      union all
      select 'learning_goals.status', case when original is null then 'null' else 'unknown' end, count(*)::int
      from legacy.status_notes group by 1, 2
      order by 1, 2`,
    orphans: await sql<RowCount[]>`
      select table_name as subject, reason, count(*)::int as rows from legacy.orphans group by 1, 2 order by 1, 2`,
    bytes: await getTableSizes(sql, { schema: 'legacy', tables }),
    dependents: await listDependents(sql, { schema: 'legacy', tables }),
  };
}
