import type { Sql, SqlFragment } from '../../db/admin-connection.ts';
import type { TrackedData } from './verification.ts';

/**
 * Returns queries of tracked data, which v1 does not have. They return 0 for tables that are not in `newTables`. Those
 * are the tables that the applied migrations have created: version 2.0.0 has fewer than later versions. Each change of
 * tracked data, such as activities, increments the version of its user.
 */
export function trackedQueries(
  sql: Sql,
  newTables: readonly string[],
): Record<keyof TrackedData | 'versions' | 'revision', SqlFragment> {
  const ifPresent = (table: string, query: SqlFragment) => (newTables.includes(table) ? query : sql`select 0`);
  // The migration that creates activities adds the column tracking_version.
  return {
    users: ifPresent('activities', sql`select count(*)::int from public.auth_users where tracking_version > 0`),
    versions: ifPresent('activities', sql`select sum(tracking_version) from public.auth_users`),
    definitions: ifPresent('badge_definitions', sql`select count(*)::int from public.badge_definitions`),
    revision: ifPresent('badge_definition_revision', sql`select revision from public.badge_definition_revision`),
  };
}

export async function countTracked(sql: Sql, newTables: readonly string[]): Promise<TrackedData> {
  const { users, definitions } = trackedQueries(sql, newTables);
  const [row] = await sql<TrackedData[]>`select (${users}) as users, (${definitions}) as definitions`;
  return row ?? { users: 0, definitions: 0 };
}
