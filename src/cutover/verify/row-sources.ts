import type { Sql, SqlFragment } from '../../db/admin-connection.ts';
import type { Migration } from '../state/migration-state.ts';
import { type IdRange, inRange } from '../v1/batches.ts';
import { type OwnedTable, type V1Database, v1Table } from '../v1/layout.ts';
import { expectedBadge, expectedGoal } from './expected-values.ts';

export interface CompareOptions extends IdRange {
  sql: Sql;
  migration: Migration;
  table: OwnedTable;
  /** The id of the last copied row, 'all' when the table was copied completely, or null when it was not started. */
  copiedUpTo: string | null;
}

/**
 * Returns a query for the v1 rows with their expected current rows, computed from the row and its recorded originals.
 */
export function expectedRows(options: CompareOptions): SqlFragment {
  const { sql, table, migration, copiedUpTo } = options;
  const v1: V1Database = { sql, schema: 'legacy', layout: migration.layout };
  const range = (column: SqlFragment) => inRange(sql, column, { ...options, type: 'bigint' });
  const owner = ownerOf(v1, table);
  return sql`
    select o.id::bigint as id, o, ${owner}::text as owner, ${isOrphan(v1, table)} as is_orphan,
      w::text as expected, to_jsonb(w) as expected_json
    from ${v1Table(v1, table)} o
    left join (
      select row_id, jsonb_object_agg(column_name, original) as originals
      from legacy.value_notes where table_name = ${table} and ${range(sql`row_id`)}
      group by row_id
    ) c on c.row_id = o.id
    ${table === 'badges' ? sql`` : sql`left join legacy.status_notes s on s.goal_id = o.id`}
    cross join lateral (
      select o.id::bigint as id, ${owner}::text as owner, ${table === 'badges' ? expectedBadge(v1) : expectedGoal(v1, migration)}
    ) w
    where ${range(sql`o.id`)} and ${isCopied(sql, copiedUpTo)}`;
}

/** Returns a query for the rows of the current table. */
export function actualRows(options: CompareOptions): SqlFragment {
  const { sql, table, migration } = options;
  const startedAt = sql`${migration.startedAt}::text::timestamptz`;
  const isBadge = table === 'badges';
  const columns = isBadge
    ? sql`n.name, n.description, n.icon_url, n.date_achieved at time zone 'UTC' as date_achieved, n.source`
    : sql`n.title, n.description, n.status, n.streak_count, n.created_at, n.updated_at, n.completed_at, n.version`;
  // Every change through the service increments the version. Of a badge, the service changes the status only.
  const isChanged = isBadge ? sql`false` : sql`(n.version > 1 and n.created_at = ${startedAt})`;
  return sql`
    select n.id, n.auth_user_id, ${isChanged} as is_changed, h::text as actual, to_jsonb(h) as actual_json
    from public.${sql(table)} n
    cross join lateral (select n.id, n.auth_user_id as owner, ${columns}) h
    where ${inRange(sql, sql`n.id`, { ...options, type: 'bigint' })}`;
}

/** Returns the owner of the v1 row `o`. */
export function ownerOf({ sql, layout }: V1Database, table: OwnedTable): SqlFragment {
  const [first, second] = layout.ownerColumns[table];
  if (second === undefined) return sql`o.${sql(first ?? '')}`;
  return sql`case when o.${sql(first ?? '')} is null then o.${sql(second)} else o.${sql(first ?? '')} end`;
}

function isCopied(sql: Sql, copiedUpTo: string | null): SqlFragment {
  if (copiedUpTo === null) return sql`false`;
  return copiedUpTo === 'all' ? sql`true` : sql`o.id <= ${copiedUpTo}::text::bigint`;
}

function isOrphan(v1: V1Database, table: OwnedTable): SqlFragment {
  const { sql, layout } = v1;
  const owner = ownerOf(v1, table);
  const isInvalid = layout.userIdType === 'bigint' ? sql`${owner} < 0` : sql`false`;
  const isUnknown = layout.userTables.map(
    (users) => sql`not exists (select from ${v1Table(v1, users)} u where u.id = ${owner})`,
  );
  // Without the table users, an owner_id cannot be looked up and its user is assumed to exist.
  if (layout.ownerColumns[table].length > 1 && !layout.userTables.includes('users')) {
    isUnknown.push(sql`o.auth_user_id is not null`);
  }
  const isInNoTable = isUnknown.reduce(
    (left, right) => sql`${left} and ${right}`,
    layout.userTables.length > 0 ? sql`true` : sql`false`,
  );
  return sql`(${owner} is null or ${isInvalid} or (${isInNoTable}))`;
}
