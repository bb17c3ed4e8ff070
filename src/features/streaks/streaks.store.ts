import type { Db } from '../../db/client.ts';
import { sql } from '../../db/driver/drizzle.ts';
import { batchAcrossRequests } from '../../db/query/cross-request-batching.ts';
import { preparedQuery, textArray } from '../../db/query/prepared-query.ts';
import { streaks } from '../../db/schema/streaks.ts';
import type { StreakKey } from './series.ts';
import type { StreakForecast } from './streak.ts';

const columns = {
  key: sql<StreakKey>`${streaks.authUserId} || ' ' || ${streaks.series}`.mapWith(streaks.series),
  timeZone: streaks.timeZone,
  forecast: streaks.forecast,
};

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

/** Returns the stored streaks in the order of the keys; null for a series without activities. */
export const findStreaks = batchAcrossRequests(async (db: Db, keys: readonly StreakKey[]) => {
  const userIds = textArray(keys.map((key) => key.slice(0, key.indexOf(' '))));
  const series = textArray(keys.map((key) => key.slice(key.indexOf(' ') + 1)));
  const rows = await query(db, { userIds, series });
  const byKey = new Map(rows.map((row) => [row.key, row]));
  return keys.map((key): StreakForecast | null => byKey.get(key) ?? null);
});
