import type { Db } from '../../db/client.ts';
import { sql } from '../../db/driver/drizzle.ts';
import { textArray } from '../../db/query/prepared-query.ts';
import { integerOrNull, preparedSql, text, textOrNull } from '../../db/query/prepared-sql.ts';
import { authUsers } from '../../db/schema/auth-users.ts';
import { zoneInForce } from '../../db/zone-in-force.ts';
import { goalSeries } from '../streaks/series.ts';
import { DEFAULT_TIME_ZONE } from '../streaks/zones.ts';

interface GoalSums {
  /** The sum of the quantities of the goal's activities, at most 2,147,483,647. */
  quantity: number;
  /** The time zone of the user that is in force. */
  timeZone: string;
}

/** One search of the index for each pair: two lists would be searched for each user with each series. */
const query = preparedSql(
  { userId: text, timeZone: textOrNull, series: textOrNull, quantity: integerOrNull },
  sql`
    select ${authUsers.id}, ${zoneInForce}, t.series, least(t.quantity, 2147483647) as quantity
    from unnest(${sql.placeholder('userIds')}::text[], ${sql.placeholder('series')}::text[]) as goals(user_id, series)
    join ${authUsers} on ${authUsers.id} = goals.user_id
    left join activity_totals t on t.auth_user_id = ${authUsers.id} and t.series = goals.series`,
);

/** Returns the sums of goals in their order, with one statement. */
export async function findGoalSums(db: Db, goals: readonly { id: number; userId: string }[]): Promise<GoalSums[]> {
  const rows = await query(db, {
    userIds: textArray(goals.map(({ userId }) => userId)),
    series: textArray(goals.map(({ id }) => goalSeries(id))),
  });
  const zones = new Map(rows.map(({ userId, timeZone }) => [userId, timeZone]));
  const quantities = new Map(rows.map(({ series, quantity }) => [series, quantity]));
  return goals.map(({ id, userId }) => ({
    quantity: quantities.get(goalSeries(id)) ?? 0,
    timeZone: zones.get(userId) ?? DEFAULT_TIME_ZONE,
  }));
}
