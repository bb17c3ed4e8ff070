import type { SQL } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import type { Db } from '../client.ts';
import { sql } from '../driver/drizzle.ts';
import { authUsers } from '../schema/auth-users.ts';
import { batchAcrossRequests, type QueryValues } from './cross-request-batching.ts';
import { preparedQuery, textArray } from './prepared-query.ts';
import type { RowOf } from './row-decoder.ts';

/**
 * Returns a function that returns one value for each user, in the order of the user ids, with one query.
 * @param columns expressions about a row of `auth_users`
 * @param toValue gets undefined for a user without a row
 */
export function valuePerUser<Columns extends Readonly<Record<string, SQL>>, Value>(
  columns: Columns,
  toValue: (row: RowOf<Columns> | undefined) => Value,
): (db: Db, userIds: readonly string[], values?: QueryValues) => Promise<Value[]> {
  const selected: Record<string, PgColumn | SQL> = { userId: authUsers.id, ...columns };
  const query = preparedQuery(selected, (db) =>
    db
      .select(selected)
      .from(authUsers)
      .where(sql`${authUsers.id} = any(${sql.placeholder('userIds')}::text[])`),
  );
  return batchAcrossRequests(async (db, userIds: readonly string[], values) => {
    const rows = (await query(db, { ...values, userIds: textArray(userIds) })) as (RowOf<Columns> & {
      userId: string;
    })[];
    const byUser = new Map(rows.map((row) => [row.userId, row]));
    return userIds.map((id) => toValue(byUser.get(id)));
  });
}
