import type { SQL } from 'drizzle-orm';
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core';
import type { PageRequest } from '../../lib/page.ts';
import type { Db } from '../client.ts';
import { and, Column, desc, eq, is, sql } from '../driver/drizzle.ts';
import { authUsers } from '../schema/auth-users.ts';
import { batchAcrossRequests, type QueryValues } from './cross-request-batching.ts';
import { afterCursor, pageValues } from './page-request.ts';
import { preparedQuery, textArray } from './prepared-query.ts';
import type { RowOf } from './row-decoder.ts';

/** A table whose rows belong to users. */
export type UserOwnedTable = PgTable & { authUserId: PgColumn; id: PgColumn };
/** Columns that include the owner. */
type UserOwnedColumns = Readonly<Record<string, PgColumn | SQL>> & { userId: PgColumn };

/** Lists a page of rows for each user, in the order of the user ids. */
export type ListPerUser<Row> = (db: Db, userIds: readonly string[], page: PageRequest) => Promise<Row[][]>;

interface ListOptions {
  from: UserOwnedTable;
  /** The instant that orders the list, newest first; ties are ordered by id. */
  orderBy: PgColumn;
  /** A further condition, whose placeholders the page's `filter` fills. */
  where?: SQL;
}

/**
 * Creates the one query that lists a page for each of many users. It is a lateral join, which reads each user's page
 * from an index on (auth_user_id, orderBy, id). It selects from `auth_users` rather than from an array, so that a
 * database that is distributed by user can join in place.
 */
export function listPerUser<Columns extends UserOwnedColumns>(
  columns: Columns,
  { from, orderBy, where }: ListOptions,
): ListPerUser<RowOf<Columns>> {
  const query = preparedQuery({ ...columns, userId: authUsers.id }, (db) => {
    const page = db
      .select(withAliases(columns))
      .from(from)
      .where(and(eq(from.authUserId, authUsers.id), where, afterCursor(orderBy, from.id)))
      .orderBy(desc(orderBy), desc(from.id))
      .limit(sql.placeholder('limit'))
      .offset(sql.placeholder('offset'))
      .as('page');
    return db
      .select({ ...page._.selectedFields, userId: authUsers.id })
      .from(authUsers)
      .crossJoinLateral(page)
      .where(sql`${authUsers.id} = any(${sql.placeholder('userIds')}::text[])`);
  });
  const list = batchAcrossRequests(async (db: Db, userIds: readonly string[], values: QueryValues) => {
    const rows = await query(db, { ...values, userIds: textArray(userIds) });
    return groupByUser(rows as unknown as UserRow[], userIds) as unknown as RowOf<Columns>[][];
  });
  return (db, userIds, page) => list(db, userIds, { ...page.filter, ...pageValues(page) });
}

/** Names the expressions, as a subquery requires. */
function withAliases(columns: Readonly<Record<string, PgColumn | SQL>>): Record<string, PgColumn | SQL.Aliased> {
  const named = Object.entries(columns).map(([name, column]) => [name, is(column, Column) ? column : column.as(name)]);
  return Object.fromEntries(named);
}

interface UserRow {
  userId: string;
}

/** Returns the list of each user. A user that is requested twice gets the same list twice. */
function groupByUser(rows: readonly UserRow[], userIds: readonly string[]): UserRow[][] {
  const lists = new Map(userIds.map((id): [string, UserRow[]] => [id, []]));
  // NOTE: a result is a subclass of Array, whose iteration would allocate an object for each row
  for (let n = 0; n < rows.length; n++) {
    const row = rows[n] as UserRow;
    lists.get(row.userId)?.push(row);
  }
  return userIds.map((id) => lists.get(id) as UserRow[]);
}
