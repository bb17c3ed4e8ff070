import type { Counter } from './counters.ts';
import { sql } from './driver/drizzle.ts';
import type { CountPerUser } from './query/count-per-user.ts';
import { batchAcrossRequests } from './query/cross-request-batching.ts';
import { preparedQuery, textArray } from './query/prepared-query.ts';
import { authUsers } from './schema/auth-users.ts';

/**
 * Returns a function that returns the number of each user's rows, in the order of the user ids, with one query: from the
 * counter, or by counting where the counter is unknown.
 */
export function totalPerUser({ column, of }: Counter): CountPerUser {
  const counted = sql`(select count(*)::int from ${of} where ${of.authUserId} = ${authUsers.id})`;
  const columns = { userId: authUsers.id, count: sql<number>`coalesce(${column}, ${counted})`.mapWith(Number) };
  const query = preparedQuery(columns, (db) =>
    db
      .select(columns)
      .from(authUsers)
      .where(sql`${authUsers.id} = any(${sql.placeholder('userIds')}::text[])`),
  );
  return batchAcrossRequests(async (db, userIds: readonly string[]) => {
    const rows = await query(db, { userIds: textArray(userIds) });
    const byUser = new Map(rows.map(({ userId, count }) => [userId, count]));
    return userIds.map((id) => byUser.get(id) ?? 0);
  });
}
