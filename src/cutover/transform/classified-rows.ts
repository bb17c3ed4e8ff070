import type { Sql, SqlFragment } from '../../db/admin-connection.ts';
import { ALL_IDS, type IdRange, inRange } from '../v1/batches.ts';
import { type OwnedTable, type V1Database, v1Table } from '../v1/layout.ts';

/** A number of rows of a table, or of values of a column, that share a property. */
export interface RowCount {
  /** A table or a column, such as `badges` or `badges.name`. */
  subject: string;
  reason: string;
  rows: number;
}

/**
 * Returns whether a column holds a valid user id by the rule of lib/user-id.ts. UUIDs and integers from 0 are valid.
 */
export function isValidUserId({ sql, layout }: V1Database, column: SqlFragment): SqlFragment {
  return layout.userIdType === 'uuid' ? sql`true` : sql`${column} >= 0`;
}

/**
 * Returns a FROM item `o` with the v1 rows of a range. `o.owner_key` is the id of the owner. `o.orphan_reason` says why
 * the row is an orphan and is null for other rows. `offset 0` keeps the planner from evaluating the columns repeatedly.
 */
export function classifiedRows(v1: V1Database, table: OwnedTable, range: IdRange = ALL_IDS): SqlFragment {
  const { sql, layout } = v1;
  const [first, second] = layout.ownerColumns[table].map((column) => sql`o.${sql(column)}`);
  const owner = second === undefined ? sql`${first ?? sql``}` : sql`coalesce(${first ?? sql``}, ${second})`;
  const userJoins = layout.userTables
    .map((name, i) => sql`left join ${v1Table(v1, name)} ${sql(`users_${i}`)} on ${sql(`users_${i}`)}.id = ${owner}`)
    .reduce((joins, join) => sql`${joins} ${join}`, sql``);
  return sql`
    (
      select o.*, ${owner} as owner_key, case
        when ${owner} is null then 'no owner'
        when not ${ownerExists(v1, table)} then 'unknown owner'
        when not ${isValidUserId(v1, owner)} then 'owner id not allowed'
      end as orphan_reason
      from ${v1Table(v1, table)} o ${userJoins}
      where ${inRange(sql, sql`o.id`, { ...range, type: 'bigint' })}
      offset 0
    ) o`;
}

/** Returns a row of `classifiedRows` as JSON without the computed columns. */
export function originalRow(sql: Sql): SqlFragment {
  return sql`to_jsonb(o) - 'owner_key' - 'orphan_reason'`;
}

/** Returns whether every owner of the table can be looked up. Owners that cannot be looked up are assumed to exist. */
export function canCheckOwners({ layout }: Pick<V1Database, 'layout'>, table: OwnedTable): boolean {
  const { userTables, ownerColumns } = layout;
  return userTables.includes('users') || (userTables.length > 0 && ownerColumns[table].length === 1);
}

function ownerExists(v1: V1Database, table: OwnedTable): SqlFragment {
  const { sql, layout } = v1;
  if (layout.userTables.length === 0) return sql`true`;
  const found = layout.userTables
    .map((_, i) => sql`${sql(`users_${i}`)}.id is not null`)
    .reduce((left, right) => sql`${left} or ${right}`);
  // The owner_id of era A refers to the table users. Without that table the owner is assumed to exist.
  return canCheckOwners(v1, table) ? sql`(${found})` : sql`(${found} or o.auth_user_id is null)`;
}
