import type { SqlFragment } from '../../db/admin-connection.ts';
import { canCheckOwners, classifiedRows, isValidUserId, type RowCount } from '../transform/classified-rows.ts';
import { isKnownStatus, replacedValues } from '../transform/transformed-values.ts';
import { OWNED_TABLES, type OwnedTable, type V1Database, type V1Table, v1Table } from '../v1/layout.ts';

/** Unknown statuses that are listed one by one. The rest is summed up. */
const MAX_LISTED_STATUSES = 20;

export async function countRows(v1: V1Database, table: V1Table): Promise<number> {
  const [row] = await v1.sql<{ rows: string }[]>`select count(*)::text as rows from ${v1Table(v1, table)}`;
  return Number(row?.rows ?? 0);
}

/** Counts the orphans of a table by reason. */
export async function countOrphans(v1: V1Database, table: OwnedTable): Promise<RowCount[]> {
  return v1.sql<RowCount[]>`
    select ${table} as subject, o.orphan_reason as reason, count(*)::int as rows from ${classifiedRows(v1, table)}
    where o.orphan_reason is not null group by 2 order by 2`;
}

/** Counts the values that the migration will replace, by column and reason. */
export async function countReplacements(v1: V1Database, table: OwnedTable): Promise<RowCount[]> {
  const rows = classifiedRows(v1, table);
  const values = await v1.sql<RowCount[]>`
    select ${table} || '.' || n.column_name as subject, n.reason, count(*)::int as rows
    from ${rows} cross join ${replacedValues(v1, table)}
    where o.orphan_reason is null and n.reason is not null group by 1, 2 order by 1, 2`;
  const statuses = table === 'badges' ? [] : await countUnknownStatuses(v1, rows);
  return [...values, ...statuses];
}

async function countUnknownStatuses({ sql }: V1Database, rows: SqlFragment): Promise<RowCount[]> {
  return sql<RowCount[]>`
    with status as (
      select coalesce(left(o.status::text, 40), 'null') as text, count(*) as rows
      from ${rows} where o.orphan_reason is null and not ${isKnownStatus(sql)} group by 1),
    ranked as (
      select *, row_number() over (order by rows desc, text) <= ${MAX_LISTED_STATUSES}::int as is_listed from status)
    select 'learning_goals.status' as subject, case when is_listed then text else 'other statuses' end as reason,
      sum(rows)::int as rows
    from ranked group by is_listed, 2 order by is_listed desc, 3 desc, 2`;
}

/** Counts the rows that `auth_users` will have: valid users of the user tables and owners that are assumed to exist. */
export async function countUsers(v1: V1Database): Promise<number> {
  const { sql, layout } = v1;
  const listed = layout.userTables.map(
    (table) => sql`select u.id::text as id from ${v1Table(v1, table)} u where ${isValidUserId(v1, sql`u.id`)}`,
  );
  const assumed = OWNED_TABLES.filter((table) => !canCheckOwners(v1, table)).map(
    (table) => sql`select o.owner_key::text as id from ${classifiedRows(v1, table)} where o.orphan_reason is null`,
  );
  const ids = [...listed, ...assumed].reduce((left, right) => sql`${left} union ${right}`);
  const [row] = await sql<{ users: string }[]>`select count(distinct id)::text as users from (${ids}) ids`;
  return Number(row?.users ?? 0);
}

/** Counts the rows of the user tables whose id is not a valid user id. */
export async function countInvalidUsers(v1: V1Database): Promise<RowCount[]> {
  const { sql } = v1;
  const counts: RowCount[] = [];
  for (const table of v1.layout.userTables) {
    const [row] = await sql<{ rows: number }[]>`
      select count(*)::int as rows from ${v1Table(v1, table)} u where not ${isValidUserId(v1, sql`u.id`)}`;
    if (row && row.rows > 0) counts.push({ subject: table, reason: 'owner id not allowed', rows: row.rows });
  }
  return counts;
}
