import type { Sql, SqlFragment } from '../../db/admin-connection.ts';
import type { TrackedData } from './verification.ts';

/** Tables whose rows are compared with those of v1, or are found by the queries below, or follow from such rows. */
const CHECKED = [
  ...['auth_users', 'badges', 'learning_goals', 'idempotency_keys', 'badge_definition_revision'],
  ...['activities', 'activity_days', 'activity_totals', 'streaks', 'user_time_zones', 'excused_dates'],
  ...['badge_definitions', 'badge_definition_versions', 'badge_evidence', 'badge_backfills'],
];

/**
 * Returns queries of data that v1 does not have. They return 0 for tables that are not in `newTables`. Those are the
 * tables that the applied migrations have created: version 2.0.0 has fewer than later versions. Each change of tracked
 * data, such as activities, increments the version of its user. `others` counts the rows of all tables without a query
 * of their own, such as those of later features.
 */
export function trackedQueries(
  sql: Sql,
  newTables: readonly string[],
): Record<keyof TrackedData | 'versions' | 'revision', SqlFragment> {
  const ifPresent = (table: string, query: SqlFragment) => (newTables.includes(table) ? query : sql`select 0`);
  const others = newTables.filter((table) => !CHECKED.includes(table));
  // The migration that creates activities adds the column tracking_version.
  return {
    users: ifPresent('activities', sql`select count(*)::int from public.auth_users where tracking_version > 0`),
    versions: ifPresent('activities', sql`select sum(tracking_version) from public.auth_users`),
    definitions: ifPresent('badge_definitions', sql`select count(*)::int from public.badge_definitions`),
    others: others.reduce(
      (sum, table) => sql`${sum} + (select count(*)::int from public.${sql(table)})`,
      sql`select 0`,
    ),
    revision: ifPresent('badge_definition_revision', sql`select revision from public.badge_definition_revision`),
  };
}

export async function countTracked(sql: Sql, newTables: readonly string[]): Promise<TrackedData> {
  const { users, definitions, others } = trackedQueries(sql, newTables);
  const [row] = await sql<TrackedData[]>`
    select (${users}) as users, (${definitions}) as definitions, (${others}) as others`;
  return row ?? { users: 0, definitions: 0, others: 0 };
}
