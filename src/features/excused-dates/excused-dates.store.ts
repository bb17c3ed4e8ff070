import type { Db } from '../../db/client.ts';
import { sql } from '../../db/driver/drizzle.ts';
import { batchAcrossRequests } from '../../db/query/cross-request-batching.ts';
import { findByIds } from '../../db/query/find-by-ids.ts';
import { preparedQuery, textArray } from '../../db/query/prepared-query.ts';
import { excusedDates } from '../../db/schema/excused-dates.ts';
import type { ExcusedDates } from './range.ts';

const columns = {
  id: excusedDates.id,
  userId: excusedDates.authUserId,
  from: excusedDates.fromDate,
  to: excusedDates.toDate,
  reason: excusedDates.reason,
  createdBy: excusedDates.createdBy,
};

export const findExcusedDatesByIds = findByIds(columns, excusedDates);

const query = preparedQuery(columns, (db) =>
  db
    .select(columns)
    .from(excusedDates)
    .where(
      sql`${excusedDates.authUserId} = any(${sql.placeholder('userIds')}::text[]) and ${excusedDates.voidedAt} is null`,
    )
    .orderBy(excusedDates.authUserId, excusedDates.fromDate, excusedDates.id),
);

/** Returns the ranges of users that are not void, in the order of `from`. */
export const listExcusedDatesByUsers = batchAcrossRequests(async (db: Db, userIds: readonly string[]) => {
  const rows = await query(db, { userIds: textArray(userIds) });
  const byUser = Map.groupBy(rows, ({ userId }) => userId);
  return userIds.map((id): ExcusedDates[] => byUser.get(id) ?? []);
});
