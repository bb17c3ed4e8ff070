import type { Sql, SqlFragment } from '../../db/admin-connection.ts';
import type { DateRange } from '../../lib/date-ranges.ts';
import type { LocalDate } from '../../lib/local-date.ts';
import type { Series } from '../streaks/series.ts';
import type { ZoneChange } from '../streaks/zones.ts';
import type { StoredStreak } from './state.ts';

/** A sum of a user's activities, of a date or in total, that differs from the activities. */
export interface SumDifference {
  userId: string;
  /** The number of these differences of the user. */
  total: number;
  series: Series;
  /** Null for a total. */
  date: LocalDate | null;
  kept: string;
  expected: string;
}

/** The stored streak of a series. */
export type KeptStreak = Omit<StoredStreak, 'checkpoint'>;

/** A streak to store. */
export interface StreakRow extends KeptStreak {
  series: Series;
  checkpoint: object;
}

/** All that the streaks of a user depend on, and the streaks that are stored. */
export interface StreakFacts {
  zones: ZoneChange[];
  excused: DateRange[];
  goals: { id: number; timesPerWeek: number | null; firstActivityOn: LocalDate | null }[];
  /** The local dates with activity, ascending. */
  dates: [Series, LocalDate[]][];
  streaks: [Series, KeptStreak][];
}

/** Returns the ids of the users after an id, in their order. */
export async function listUserIdsAfter(tx: Sql, after: string, limit: number): Promise<string[]> {
  const users = await tx<{ id: string }[]>`
    select id from public.auth_users where id > ${after} order by id limit ${limit}`;
  return users.map(({ id }) => id);
}

/** Returns a query for each activity that is not void, once for each of its series. */
function countedActivities(tx: Sql, userIds: string): SqlFragment {
  return tx`
    select a.auth_user_id, s.series, a.local_date, a.quantity, a.object_id
    from public.activities a
    left join public.learning_goals g on g.auth_user_id = a.auth_user_id and g.id = a.goal_id
    cross join lateral (values ('all'), ('verb:' || a.verb), ('goal:' || g.id)) as s(series)
    where a.auth_user_id = any(${userIds}::text[]) and a.voided_at is null and s.series is not null`;
}

/** Returns the common table expressions `days` and `totals`: the sums of the activities of users. */
function countedSums(tx: Sql, userIds: string): SqlFragment {
  return tx`
    with counted as materialized (${countedActivities(tx, userIds)}),
    days as (
      select auth_user_id, series, local_date, count(*) as count, sum(quantity) as quantity
      from counted group by auth_user_id, series, local_date),
    totals as (
      select auth_user_id, series, count(*) as count, sum(quantity) as quantity, count(distinct local_date) as days,
        case when series like 'verb:%' then count(distinct object_id) else 0 end as objects
      from counted group by auth_user_id, series)`;
}

/**
 * Compares the sums of users with their activities, and returns the first differences of each user. A row of zeros is
 * as good as none.
 */
export function findSumDifferences(
  tx: Sql,
  { userIds, limit }: { userIds: string; limit: number },
): Promise<SumDifference[]> {
  return tx<SumDifference[]>`
    ${countedSums(tx, userIds)},
    kept_days as (
      select * from public.activity_days where auth_user_id = any(${userIds}::text[]) and (count, quantity) <> (0, 0)),
    kept_totals as (
      select * from public.activity_totals
      where auth_user_id = any(${userIds}::text[]) and (count, quantity, days, objects) <> (0, 0, 0, 0)),
    differences as (
      select auth_user_id, series, local_date,
        format('%s with a quantity of %s', coalesce(k.count, 0), coalesce(k.quantity, 0)) as kept,
        format('%s with a quantity of %s', coalesce(e.count, 0), coalesce(e.quantity, 0)) as expected
      from kept_days k full join days e using (auth_user_id, series, local_date)
      where (k.count, k.quantity) is distinct from (e.count, e.quantity)
      union all
      select auth_user_id, series, null,
        format('%s with a quantity of %s on %s dates, %s objects',
          coalesce(k.count, 0), coalesce(k.quantity, 0), coalesce(k.days, 0), coalesce(k.objects, 0)),
        format('%s with a quantity of %s on %s dates, %s objects',
          coalesce(e.count, 0), coalesce(e.quantity, 0), coalesce(e.days, 0), coalesce(e.objects, 0))
      from kept_totals k full join totals e using (auth_user_id, series)
      where (k.count, k.quantity, k.days, k.objects) is distinct from (e.count, e.quantity, e.days, e.objects)),
    numbered as (
      select *, count(*) over (partition by auth_user_id)::int as total,
        row_number() over (partition by auth_user_id order by series, local_date) as n
      from differences)
    select auth_user_id as "userId", total, series, local_date::text as date, kept, expected
    from numbered where n <= ${limit} order by auth_user_id, n`;
}

/** Returns which of the users have activities or stored streaks. */
export async function listTrackedUserIds(tx: Sql, userIds: string): Promise<string[]> {
  const users = await tx<{ id: string }[]>`
    select users.id from unnest(${userIds}::text[]) as users(id)
    where exists (select from public.activities where auth_user_id = users.id)
      or exists (select from public.streaks where auth_user_id = users.id)`;
  return users.map(({ id }) => id);
}

/** Reads the dates from the activities, and not from their sums, which may be wrong. */
export async function readStreakFacts(tx: Sql, userId: string): Promise<StreakFacts> {
  const [facts] = await tx<[StreakFacts]>`
    with counted as materialized (${countedActivities(tx, `{"${userId}"}`)})
    select
      coalesce((select json_agg(json_build_object('timeZone', time_zone, 'effectiveFrom',
          to_char(effective_from at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')) order by effective_from)
        from public.user_time_zones where auth_user_id = ${userId}), '[]') as zones,
      coalesce((select json_agg(json_build_object('from', from_date, 'to', to_date))
        from public.excused_dates where auth_user_id = ${userId} and voided_at is null), '[]') as excused,
      coalesce((select json_agg(json_build_object('id', id, 'timesPerWeek', times_per_week,
          'firstActivityOn', first_activity_on))
        from public.learning_goals where auth_user_id = ${userId}), '[]') as goals,
      coalesce((select json_agg(json_build_array(series, dates)) from (
        select series, json_agg(distinct local_date order by local_date) as dates
        from counted where series not like 'verb:%' group by series) as of_series), '[]') as dates,
      coalesce((select json_agg(json_build_array(series, json_build_object(
          'timesPerWeek', times_per_week, 'timeZone', time_zone, 'forecast', forecast)))
        from public.streaks where auth_user_id = ${userId}), '[]') as streaks`;
  return facts;
}

/**
 * Locks the user, and replaces the sums, and missing dates of the first activities of goals, by those of the
 * activities. A change of the service that has read the user
 * before then fails, and is computed again.
 */
export async function lockAndReplaceSums(tx: Sql, userId: string): Promise<void> {
  const userIds = `{"${userId}"}`;
  await tx`update public.auth_users set tracking_version = tracking_version + 1 where id = ${userId}`;
  await tx`delete from public.activity_days where auth_user_id = ${userId}`;
  await tx`delete from public.activity_totals where auth_user_id = ${userId}`;
  await tx`
    ${countedSums(tx, userIds)},
    saved_days as (
      insert into public.activity_days (auth_user_id, series, local_date, count, quantity) select * from days)
    insert into public.activity_totals (auth_user_id, series, count, quantity, days, objects) select * from totals`;
  await tx`
    update public.learning_goals g set first_activity_on = a.first, streak_base = 0
    from (select goal_id, min(local_date) as first from public.activities where auth_user_id = ${userId} group by goal_id) a
    where g.auth_user_id = ${userId} and g.id = a.goal_id and g.first_activity_on is null`;
}

/** Replaces the stored streaks of a user, who is locked. */
export async function replaceStreaks(tx: Sql, userId: string, rows: readonly StreakRow[]): Promise<void> {
  await tx`delete from public.streaks where auth_user_id = ${userId}`;
  await tx`
    insert into public.streaks (auth_user_id, series, times_per_week, time_zone, checkpoint, through, forecast)
    select ${userId}, series, "timesPerWeek", "timeZone", checkpoint, (checkpoint ->> 'through')::date, forecast
    from json_to_recordset(${JSON.stringify(rows)}::text::json)
      as r(series text, "timesPerWeek" int, "timeZone" text, checkpoint json, forecast text)`;
}
