import type { Db } from '../../db/client.ts';
import { sql } from '../../db/driver/drizzle.ts';
import { utcText } from '../../db/query/json.ts';
import { single } from '../../db/query/prepared-query.ts';
import { json, preparedSql } from '../../db/query/prepared-sql.ts';
import type { LocalDate } from '../../lib/local-date.ts';
import type { Moment } from '../badge-definitions/rule.ts';
import type { Series } from '../streaks/series.ts';
import type { NewActivity } from './activity.ts';

/** The dates of a series in a period, whose bounds can be null. */
export interface DatesKey {
  series: Series;
  from: LocalDate | null;
  to: LocalDate | null;
}

/** The date of a first activity, with the verb or with any. */
export interface FirstActivityKey {
  verb: string | null;
  date: LocalDate;
  /** An instant before which no activity has the date, so that the search reads none of the date before. */
  start: string;
}

const userIdParam = sql`${sql.placeholder('userId')}::text`;

const datesQuery = preparedSql(
  { list: json<LocalDate[][]>() },
  sql`
    select json_agg(coalesce(d.dates, '[]') order by t.position) as list
    from json_to_recordset(${sql.placeholder('keys')}::json) as t(position int, series text, "from" date, "to" date)
    cross join lateral (
      select json_agg(d.local_date order by d.local_date) as dates from activity_days d
      where d.auth_user_id = ${userIdParam} and d.series = t.series and d.count > 0
        and d.local_date >= coalesce(t."from", '-infinity') and d.local_date <= coalesce(t."to", 'infinity')
    ) as d`,
);

/** Returns the dates with activities for each key, ascending. */
export async function findDatesOfSeries(db: Db, userId: string, keys: readonly DatesKey[]): Promise<LocalDate[][]> {
  const positioned = keys.map((key, position) => ({ ...key, position }));
  return single(await datesQuery(db, { userId, keys: JSON.stringify(positioned) })).list;
}

/** No zone is more than a day from UTC. */
const firstOf = (condition: ReturnType<typeof sql>) => sql`
  select a.occurred_at, a.id from activities a
  where a.auth_user_id = ${userIdParam} and ${condition} and a.occurred_at >= t.start and a.occurred_at < t.date + 2
    and a.local_date = t.date and a.voided_at is null
  order by a.occurred_at, a.id limit 1`;

const firstsQuery = preparedSql(
  { list: json<[number, string, number][] | null>() },
  sql`
    with added as materialized (
      select * from json_to_recordset(${sql.placeholder('added')}::json)
        as n(id bigint, verb text, "localDate" date, "occurredAt" timestamptz))
    select json_agg(json_build_array(t.position, ${utcText('f.occurred_at')}, f.id)) as list
    from json_to_recordset(${sql.placeholder('keys')}::json) as t(position int, verb text, date date, start timestamptz)
    cross join lateral (
      select a.occurred_at, a.id from (
        (${firstOf(sql`t.verb is null`)})
        union all (${firstOf(sql`a.verb = t.verb`)})
        union all select n."occurredAt", n.id from added n
          where n."localDate" = t.date and (t.verb is null or n.verb = t.verb)
      ) as a
      order by a.occurred_at, a.id limit 1
    ) as f`,
);

/** Returns the first activity for each key, those of `added` included; undefined for a date without one. */
export async function findFirstActivities(
  db: Db,
  userId: string,
  { added, keys }: { added: readonly NewActivity[]; keys: readonly FirstActivityKey[] },
): Promise<(Moment | undefined)[]> {
  const positioned = keys.map((key, position) => ({ ...key, position }));
  const parameters = { userId, added: JSON.stringify(added), keys: JSON.stringify(positioned) };
  const firsts: (Moment | undefined)[] = keys.map(() => undefined);
  for (const [position, at, id] of single(await firstsQuery(db, parameters)).list ?? []) firsts[position] = { at, id };
  return firsts;
}
