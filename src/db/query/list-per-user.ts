import type { SQL } from 'drizzle-orm';
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core';
import type { PageRequest } from '../../lib/page.ts';
import type { Db } from '../client.ts';
import { and, desc, eq, sql } from '../driver/drizzle.ts';
import { batchAcrossRequests, type QueryValues } from './cross-request-batching.ts';
import { afterCursor, pageValues } from './page-request.ts';
import { preparedQuery, textArray } from './prepared-query.ts';
import type { RowOf } from './row-decoder.ts';

/** A table whose rows belong to users. */
export type UserOwnedTable = PgTable & { authUserId: PgColumn; id: PgColumn };
/** Columns that include the owner. */
export type UserOwnedColumns = Readonly<Record<string, PgColumn>> & { userId: PgColumn };

/** Lists a page of rows for each user, in the order of the user ids. */
export type ListPerUser<Row> = (db: Db, userIds: readonly string[], page: PageRequest) => Promise<Row[][]>;

interface ListOptions {
  from: UserOwnedTable;
  /** The instant that orders the list, newest first; ties are ordered by id. */
  orderBy: PgColumn;
  /** A further condition, whose placeholders the page's `filter` fills. */
  where?: SQL;
}

const userId = sql`requested.user_id`;
const users = sql`unnest(${sql.placeholder('userIds')}::text[]) with ordinality as requested(user_id, ordinal)`;
const ordinal = sql<number>`requested.ordinal`.mapWith(Number);

/**
 * Creates the one query that lists a page for each of many users: a lateral join, which reads each user's page from an
 * index on (auth_user_id, orderBy, id).
 */
export function listPerUser<Columns extends UserOwnedColumns>(
  columns: Columns,
  { from, orderBy, where }: ListOptions,
): ListPerUser<RowOf<Columns>> {
  // Rows carry their user's ordinal instead of the id, which is longer.
  const query = preparedQuery({ ...columns, userId: ordinal }, (db) => {
    const page = db
      .select(columns as Record<string, PgColumn>)
      .from(from)
      .where(and(eq(from.authUserId, userId), where, afterCursor(orderBy, from.id)))
      .orderBy(desc(orderBy), desc(from.id))
      .limit(sql.placeholder('limit'))
      .offset(sql.placeholder('offset'))
      .as('page');
    return db
      .select({ ...page._.selectedFields, userId: ordinal })
      .from(users)
      .crossJoinLateral(page);
  });
  const list = batchAcrossRequests(async (db: Db, userIds: readonly string[], values: QueryValues) => {
    const rows = await query(db, { ...values, userIds: textArray(userIds) });
    return groupByUser(rows as unknown as OrdinalRow[], userIds) as unknown as RowOf<Columns>[][];
  });
  return (db, userIds, page) => list(db, userIds, { ...page.filter, ...pageValues(page) });
}

interface OrdinalRow {
  /** The user's ordinal in the query, from 1; `groupByUser` replaces it by the user's id. */
  userId: string | number;
}

function groupByUser(rows: readonly OrdinalRow[], userIds: readonly string[]): OrdinalRow[][] {
  const lists = userIds.map((): OrdinalRow[] => []);
  for (const row of rows) {
    const index = Number(row.userId) - 1;
    row.userId = userIds[index] as string;
    (lists[index] as OrdinalRow[]).push(row);
  }
  return lists;
}
