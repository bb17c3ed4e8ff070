import type { Db } from '../../db/client.ts';
import { sql } from '../../db/driver/drizzle.ts';
import { jsonColumn, utcText } from '../../db/query/json.ts';
import { preparedQuery, rawQuery, single } from '../../db/query/prepared-query.ts';
import { forEachConcurrently } from '../../lib/for-each-concurrently.ts';
import { trimFraction } from '../../lib/instant.ts';
import { MAX_PERIOD_ACTIVITIES, type Moment } from '../badge-definitions/rule.ts';
import type { NewActivity } from './activity.ts';

/** A number of activities or a sum of their quantities that a user's activities may reach. */
export interface Threshold {
  verb: string;
  kind: 'count' | 'sum' | 'object' | 'date';
  gte: number;
  /** The first and the last local date; null without a bound. */
  from: string | null;
  to: string | null;
}

/** The thresholds of one kind and period, which one pass over the activities answers. */
interface ThresholdGroup extends Omit<Threshold, 'gte'> {
  /** Ascending. */
  gtes: number[];
}

/** Groups of one query, and the activities that those of all time read, so that a query stays within its time limit. */
const MAX_GROUPS = 200;
const MAX_ACTIVITIES = 50_000;
/** Queries of one change at the same time, of the ten connections that a pool has by default. */
const MAX_CONCURRENT_QUERIES = 4;

const userId = sql`${sql.placeholder('userId')}::text`;
const list = jsonColumn<unknown>(sql`list`);

/** The bounds of `occurred_at` repeat those of the dates for the index: no zone is more than a day from UTC. */
const stored = sql`
  select a.id, a.occurred_at, a.local_date, a.object_id, a.quantity from activities a
  where a.auth_user_id = ${userId} and a.verb = t.verb and a.voided_at is null
    and a.local_date >= coalesce(t."from", '-infinity') and a.local_date <= coalesce(t."to", 'infinity')
    and a.occurred_at >= coalesce(t."from" - 1, '-infinity') and a.occurred_at < coalesce(t."to" + 2, 'infinity')`;

/**
 * Whether the sums of a period's dates are as high as the lowest threshold. `AwardFacts.upperBounds` has not decided that for sums,
 * and for runs that began before the dates that were read. Without this condition, each activity below the threshold would
 * read those of the period again.
 */
const isReachable = sql`(t."from" is null or t.gtes[1] <= (
    select case t.kind when 'date' then count(distinct day.date) when 'sum' then sum(day.quantity) else sum(day.count) end
    from (
      select d.local_date as date, d.count, d.quantity from activity_days d
      where d.auth_user_id = ${userId} and d.series = 'verb:' || t.verb
      union all
      select n."localDate", 1, n.quantity from added n where n.verb = t.verb
    ) as day
    where day.date >= t."from" and day.date <= coalesce(t."to", 'infinity')))`;

/** The activities that the change adds. A change that voids an activity evaluates no rule. */
const added = sql`
  select n.id, n."occurredAt", n."localDate", n."objectId", n.quantity from added n
  where n.verb = t.verb
    and n."localDate" >= coalesce(t."from", '-infinity') and n."localDate" <= coalesce(t."to", 'infinity')`;

/**
 * The activities that add to the number, and how much. Each adds at least 1 to a count or a sum, so that the first ones
 * decide it, as many as the highest threshold.
 */
const parts = sql`
  select a.occurred_at, a.id, case t.kind when 'sum' then a.quantity else 1 end as part from (
    (${stored} and t.kind in ('count', 'sum') order by a.occurred_at, a.id limit t.gtes[cardinality(t.gtes)])
    union all ${added} and t.kind in ('count', 'sum')
  ) as a
  union all
  select f.occurred_at, f.id, 1 from (
    select distinct on (a.part_of) a.occurred_at, a.id from (
      select e.*, (case t.kind when 'object' then e.object_id else e.local_date::text end) collate "C" as part_of
      from (
        (${stored} and t.kind in ('object', 'date') order by a.occurred_at, a.id
          limit case when t."from" is not null then ${sql.raw(String(MAX_PERIOD_ACTIVITIES))} end)
        union all ${added} and t.kind in ('object', 'date')
      ) as e
    ) as a
    where a.part_of is not null
    order by a.part_of, a.occurred_at, a.id
  ) as f`;

const groups = sql`json_to_recordset(${sql.placeholder('groups')}::json)
  as t(position int, verb text, kind text, gtes bigint[], "from" date, "to" date)`;

/** `width_bucket` leaves out the activities that reach no threshold, before each is compared with all of them. */
const momentsQuery = preparedQuery({ list }, (db) =>
  rawQuery(
    db,
    sql`
    with added as materialized (
      select * from json_to_recordset(${sql.placeholder('added')}::json) as n(id bigint, verb text,
        "occurredAt" timestamptz, "localDate" date, "objectId" text, quantity int))
    select json_agg(json_build_array(t.position, g.gte, ${utcText('r.occurred_at')}, r.id)) as list
    from ${groups} cross join lateral (
      select p.*, sum(p.part) over (order by p.occurred_at, p.id) as reached from (${parts}) as p
    ) as r join lateral unnest(t.gtes) as g(gte) on g.gte > r.reached - r.part and g.gte <= r.reached
    where ${isReachable} and width_bucket(r.reached, t.gtes) > width_bucket(r.reached - r.part, t.gtes)`,
  ),
);

interface MomentsRequest {
  thresholds: readonly Threshold[];
  /** The activities that the change is going to save. */
  added: readonly NewActivity[];
  /** Returns the number of the user's activities with the verb. */
  countOf: (verb: string) => number;
}

/** Returns, for each threshold, the activity that reached it in the order of `occurredAt` and id; null when none did. */
export async function findMoments(
  db: Db,
  userId: string,
  { thresholds, added, countOf }: MomentsRequest,
): Promise<(Moment | null)[]> {
  const groups = groupsOf(thresholds);
  const parameters = { userId, added: JSON.stringify(added) };
  const moments = new Map<string, Moment>();
  await forEachConcurrently(chunksOf([...groups.values()], countOf), MAX_CONCURRENT_QUERIES, async (chunk) => {
    const json = JSON.stringify(chunk.map((group, position) => ({ position, ...group })));
    const rows = single(await momentsQuery(db, { ...parameters, groups: json })).list ?? [];
    for (const [position, gte, at, id] of rows as [number, number, string, number][]) {
      const group = chunk[position] as ThresholdGroup;
      moments.set(`${groupKey(group)} ${gte}`, { at: trimFraction(at), id });
    }
  });
  return thresholds.map((threshold) => moments.get(`${groupKey(threshold)} ${threshold.gte}`) ?? null);
}

function groupsOf(thresholds: readonly Threshold[]): Map<string, ThresholdGroup> {
  const groups = new Map<string, ThresholdGroup>();
  for (const { gte, ...group } of thresholds.toSorted((a, b) => a.gte - b.gte)) {
    const key = groupKey(group);
    const gtes = groups.get(key)?.gtes ?? [];
    if (gtes.at(-1) !== gte) gtes.push(gte);
    groups.set(key, { ...group, gtes });
  }
  return groups;
}

function groupKey({ verb, kind, from, to }: Omit<Threshold, 'gte'>): string {
  return `${verb} ${kind} ${from} ${to}`;
}

/** Divides the groups into those of one query each. A period has few activities. */
function chunksOf(groups: readonly ThresholdGroup[], countOf: (verb: string) => number): ThresholdGroup[][] {
  const chunks: ThresholdGroup[][] = [];
  let activities = 0;
  for (const group of groups) {
    const chunk = chunks.at(-1);
    const count = group.from === null ? countOf(group.verb) : 0;
    activities += count;
    if (chunk !== undefined && chunk.length < MAX_GROUPS && activities <= MAX_ACTIVITIES) chunk.push(group);
    else {
      chunks.push([group]);
      activities = count;
    }
  }
  return chunks;
}

const from = sql`${sql.placeholder('from')}::date`;

const datesQuery = preparedQuery({ list }, (db) =>
  rawQuery(
    db,
    sql`
    select json_agg(json_build_array(local_date, ${utcText('occurred_at')}, id) order by local_date) as list from (
      select distinct on (local_date) local_date, occurred_at, id from (
        select local_date, occurred_at, id from activities
        where auth_user_id = ${userId} and voided_at is null
        union all
        select n."localDate", n."occurredAt", n.id from json_to_recordset(${sql.placeholder('added')}::json)
          as n(id bigint, "localDate" date, "occurredAt" timestamptz)
      ) as a
      where local_date >= ${from} and occurred_at >= ${from} - 1
      order by local_date, occurred_at, id
    ) as firsts`,
  ),
);

/** Returns the first activity of each local date from a date on, by date, those of `added` included. */
export async function findFirstActivities(
  db: Db,
  userId: string,
  { added, from }: { added: readonly NewActivity[]; from: string },
): Promise<Map<string, Moment>> {
  const rows = single(await datesQuery(db, { userId, from, added: JSON.stringify(added) })).list;
  const firsts = (rows ?? []) as [string, string, number][];
  return new Map(firsts.map(([date, at, id]) => [date, { at: trimFraction(at), id }]));
}

const goalsQuery = preparedQuery({ list }, (db) =>
  rawQuery(
    db,
    sql`
    select json_agg(${utcText('completed_at')} order by completed_at, id) as list from learning_goals
    where auth_user_id = ${userId} and status = 'completed'`,
  ),
);

/** Returns the times at which the user's completed goals were completed, ascending. */
export async function findGoalCompletions(db: Db, userId: string): Promise<string[]> {
  const rows = (single(await goalsQuery(db, { userId })).list ?? []) as string[];
  return rows.map(trimFraction);
}
