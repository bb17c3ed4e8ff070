import { goalSeries } from '../../../src/features/streaks/series.ts';
import { neutralDateTest, streakAt } from '../../../src/features/streaks/streak.ts';
import { shortDateTest, type ZoneChange } from '../../../src/features/streaks/zones.ts';
import { dateAt, endOfDate } from '../../../src/lib/local-date.ts';
import type { TestDatabase } from '../../support/database.ts';
import type { Json } from '../../support/json.ts';

/** The selection of a streak that the functions below compute. */
const STREAK = 'streak { unit current longest totalDays status startedOn lastActiveOn brokenOn expiresAt }';
/** Reads the streaks of the viewer and of the viewer's goals. */
export const READ_STREAKS = `{ viewer { ${STREAK} goals { id ${STREAK} } } }`;

interface Series {
  series: string;
  timesPerWeek: number | null;
}

interface ActivityRow {
  series: string;
  date: string;
  count: number;
  quantity: number;
}

interface TotalsRow {
  series: string;
  count: number;
  quantity: number;
  days: number;
  /** The number of distinct objects; 0 unless the series is that of a verb. */
  objects: number;
}

/** Returns the streaks in a response to `READ_STREAKS`, by series. */
export function shownStreaks({ viewer: { streak, goals } }: Json): Json {
  return { all: streak, ...Object.fromEntries(goals.map((goal: Json) => [goalSeries(Number(goal.id)), goal.streak])) };
}

/** Returns the streaks of a user as the API shows them, by series, computed from the rows alone. */
export async function recomputeStreaks({ sql }: TestDatabase, userId: string, now: Date): Promise<Json> {
  const zones = await sql<ZoneChange[]>`
    select to_char(effective_from at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "effectiveFrom",
      time_zone as "timeZone"
    from user_time_zones where auth_user_id = ${userId} order by effective_from`;
  const excused = await sql<{ from: string; to: string }[]>`
    select from_date::text as from, to_date::text as to from excused_dates
    where auth_user_id = ${userId} and voided_at is null`;
  const goals = await sql<{ id: string; timesPerWeek: number | null }[]>`
    select id, times_per_week as "timesPerWeek" from learning_goals where auth_user_id = ${userId}`;
  const rows = await activityRows(sql, userId);
  const timeZone = zones.at(-1)?.timeZone ?? 'UTC';
  const isNeutral = neutralDateTest(excused, shortDateTest(zones));
  const today = dateAt(now.toISOString(), timeZone);
  const view = ({ series, timesPerWeek }: Series) => {
    const dates = rows.filter((row) => row.series === series).map(({ date }) => date);
    const { expiresOn, unit, status, ...value } = streakAt({ dates, timesPerWeek, isNeutral, today });
    const expiresAt = expiresOn === null ? null : endOfDate(expiresOn, timeZone);
    return { ...value, unit: unit.toUpperCase(), status: status.toUpperCase().replace('-', '_'), expiresAt };
  };
  const ofGoals = goals.map(({ id, timesPerWeek }) => ({ series: goalSeries(Number(id)), timesPerWeek }));
  const all = [{ series: 'all', timesPerWeek: null }, ...ofGoals];
  return Object.fromEntries(all.map((one) => [one.series, view(one)]));
}

/** Returns the sums that are kept, by series and date and by series, and those of the activities that are not void. */
export async function sumsOf({ sql }: TestDatabase, userId: string) {
  const days = await sql<ActivityRow[]>`
    select series, local_date::text as date, count, quantity::int from activity_days
    where auth_user_id = ${userId} and count > 0 order by series, local_date`;
  const totals = await sql<TotalsRow[]>`
    select series, count::int, quantity::int, days, objects from activity_totals
    where auth_user_id = ${userId} and count > 0 order by series`;
  const computed = await sql<TotalsRow[]>`
    select series, count(*)::int as count, sum(quantity)::int as quantity, count(distinct local_date)::int as days,
      case when series like 'verb:%' then count(distinct object_id)::int else 0 end as objects
    from ${countedActivities(sql, userId)} group by series order by series`;
  return {
    kept: { days: [...days], totals: [...totals] },
    computed: { days: [...(await activityRows(sql, userId))], totals: [...computed] },
  };
}

function activityRows(sql: TestDatabase['sql'], userId: string) {
  return sql<ActivityRow[]>`
    select series, local_date::text as date, count(*)::int as count, sum(quantity)::int as quantity
    from ${countedActivities(sql, userId)} group by series, local_date order by series, local_date`;
}

/** Each activity that is not void, once for each of its series. */
function countedActivities(sql: TestDatabase['sql'], userId: string) {
  return sql`(
    select s.series, a.* from activities a,
      lateral (values ('all'), ('goal:' || goal_id), ('verb:' || verb)) as s(series)
    where auth_user_id = ${userId} and voided_at is null and s.series is not null) as counted`;
}
