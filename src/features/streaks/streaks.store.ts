import type { Db } from '../../db/client.ts';
import { and, eq, sql } from '../../db/driver/drizzle.ts';
import { batchAcrossRequests } from '../../db/query/cross-request-batching.ts';
import { preparedQuery, textArray } from '../../db/query/prepared-query.ts';
import { streaks } from '../../db/schema/streaks.ts';
import { ALL, type StreakKey } from './series.ts';
import type { StreakForecast } from './streak.ts';

const stored = { timeZone: streaks.timeZone, forecast: streaks.forecast };
const overallColumns = { userId: streaks.authUserId, ...stored };
const columns = {
  key: sql<StreakKey>`${streaks.authUserId} || ' ' || ${streaks.series}`.mapWith(streaks.series),
  ...stored,
};

const overallQuery = preparedQuery(overallColumns, (db) =>
  db
    .select(overallColumns)
    .from(streaks)
    .where(and(sql`${streaks.authUserId} = any(${sql.placeholder('userIds')}::text[])`, eq(streaks.series, ALL))),
);

/** One search of the index for each pair: two lists would be searched for each user with each series. */
const query = preparedQuery(columns, (db) =>
  db
    .select(columns)
    .from(streaks)
    .where(
      sql`(${streaks.authUserId}, ${streaks.series}) in
        (select * from unnest(${sql.placeholder('userIds')}::text[], ${sql.placeholder('series')}::text[]))`,
    ),
);

/** Returns the stored overall streaks in the order of the user ids; null for a user without activities. */
export const findOverallStreaks = batchAcrossRequests(async (db: Db, userIds: readonly string[]) => {
  const rows = await overallQuery(db, { userIds: textArray(userIds) });
  const byUser = new Map(rows.map((row) => [row.userId, row]));
  return userIds.map((id): StreakForecast | null => byUser.get(id) ?? null);
});

/** Returns the stored streaks in the order of the keys; null for a series without activities. */
export const findStreaks = batchAcrossRequests(async (db: Db, keys: readonly StreakKey[]) => {
  const userIds = textArray(keys.map((key) => key.slice(0, key.indexOf(' '))));
  const series = textArray(keys.map((key) => key.slice(key.indexOf(' ') + 1)));
  const rows = await query(db, { userIds, series });
  const byKey = new Map(rows.map((row) => [row.key, row]));
  return keys.map((key): StreakForecast | null => byKey.get(key) ?? null);
});
