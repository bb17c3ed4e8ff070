import type { SQL } from 'drizzle-orm';
import type { Db } from '../../db/client.ts';
import { sql } from '../../db/driver/drizzle.ts';
import { utcText } from '../../db/query/json.ts';
import { single } from '../../db/query/prepared-query.ts';
import { json, preparedSql } from '../../db/query/prepared-sql.ts';
import { forEachConcurrently } from '../../lib/for-each-concurrently.ts';
import { MAX_HISTORY_ACTIVITIES, MAX_PERIOD_ACTIVITIES, type Moment } from '../badge-definitions/rule.ts';
import { type NewActivity, UNORDERED_DAYS } from './activity.ts';

/** A number of activities or a sum of their quantities that a user's activities may reach. */
export interface Threshold {
  verb: string;
  kind: 'count' | 'sum' | 'object';
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

/** Groups of one query, and the activities that those of objects read, so that a query stays within its time limit. */
const MAX_GROUPS = 200;
const MAX_ACTIVITIES = 50_000;
/** Queries of one change at the same time, of the ten connections that a pool has by default. */
const MAX_CONCURRENT_QUERIES = 4;

const UNORDERED = sql.raw(String(UNORDERED_DAYS));
const ORDERED = sql.raw(`interval '${UNORDERED_DAYS + 1} days'`);
const MAX_PERIOD = sql.raw(String(MAX_PERIOD_ACTIVITIES));
const MAX_HISTORY = sql.raw(String(MAX_HISTORY_ACTIVITIES));

const userIdParam = sql`${sql.placeholder('userId')}::text`;

/** The stored activities of the verb on the dates. The index has `occurred_at`: no zone is more than a day from UTC. */
const storedBetween = (first: SQL, last: SQL) => sql`
  select a.id, a.occurred_at, a.object_id, a.quantity from activities a
  where a.auth_user_id = ${userIdParam} and a.verb = t.verb and a.voided_at is null
    and a.local_date >= ${first} and a.local_date <= ${last}
    and a.occurred_at >= ${first} - 1 and a.occurred_at < ${last} + 2`;

/** The activities that the change adds on the dates. A change that voids an activity evaluates no rule. */
const addedBetween = (first: SQL, last: SQL) => sql`
  select n.id, n."occurredAt" as occurred_at, n."objectId", n.quantity from added n
  where n.verb = t.verb and n."localDate" >= ${first} and n."localDate" <= ${last}`;

const periodStart = sql`coalesce(t."from", '-infinity')`;
const periodEnd = sql`coalesce(t."to", 'infinity')`;

/** The dates of the period with activities, and the number or the sum of theirs. */
const days = sql`
  select d.date, sum(case t.kind when 'sum' then d.quantity else d.count end)::bigint as part
  from (
    select s.local_date as date, s.count, s.quantity from activity_days s
    where s.auth_user_id = ${userIdParam} and s.series = 'verb:' || t.verb and s.count > 0
    union all
    select n."localDate", 1, n.quantity from added n where n.verb = t.verb
  ) as d
  where d.date >= ${periodStart} and d.date <= ${periodEnd}
  group by d.date`;

/** Whether a threshold is above the number before a part and not above the one with it. */
const reaches = (row: string) =>
  sql.raw(`width_bucket(${row}.reached, t.gtes) > width_bucket(${row}.reached - ${row}.part, t.gtes)`);

/**
 * The activities that reach a count or a sum. The sums of the dates tell on which date, and only the activities of the
 * dates around it are read. Activities whose dates are further apart occurred in the order of their dates.
 */
const numberParts = sql`
  with days as (
    select d.date, d.part, (sum(d.part) over by_date)::bigint as reached,
      coalesce(sum(d.part) over (by_date range between unbounded preceding and ${ORDERED} preceding), 0)::bigint as before
    from (${days}) as d where t.kind <> 'object' window by_date as (order by d.date)),
  decisive as (
    select d.*, (lag(d.date) over (order by d.date) + ${UNORDERED} >= d.date - ${UNORDERED})::int as joins
    from days d where ${reaches('d')}),
  numbered as (
    select d.*, count(*) filter (where d.joins is distinct from 1) over (order by d.date) as span from decisive d),
  spans as (
    select greatest(min(d.date) - ${UNORDERED}, ${periodStart}) as first, min(d.before) as before,
      t.gtes[width_bucket(max(d.reached), t.gtes)] - min(d.before) as needed,
      least(max(d.date) + ${UNORDERED}, ${periodEnd}) as last
    from numbered d group by d.span)
  select a.occurred_at, a.id, a.part, s.before + (sum(a.part) over (partition by s.first order by a.occurred_at, a.id))::bigint as reached
  from spans s cross join lateral (
    select p.occurred_at, p.id, case t.kind when 'sum' then p.quantity else 1 end as part from (
      (${storedBetween(sql`s.first`, sql`s.last`)} order by a.occurred_at, a.id limit s.needed)
      union all ${addedBetween(sql`s.first`, sql`s.last`)}
    ) as p
  ) as a`;

/**
 * The first activities of different objects, which are at most as many as the activities of the period. Without this
 * condition, each activity below the threshold would read all activities of the period.
 */
const objectParts = sql`
  select f.occurred_at, f.id, 1 as part, row_number() over (order by f.occurred_at, f.id) as reached from (
    select distinct on (a.object_id collate "C") a.occurred_at, a.id from (
      (${storedBetween(periodStart, periodEnd)} and t.kind = 'object' order by a.occurred_at, a.id
        limit case when t."from" is null then ${MAX_HISTORY} else ${MAX_PERIOD} end)
      union all ${addedBetween(periodStart, periodEnd)} and t.kind = 'object'
    ) as a
    where a.object_id is not null
    order by a.object_id collate "C", a.occurred_at, a.id
  ) as f
  where t.kind = 'object' and (t."from" is null or t.gtes[1] <= (select sum(d.part) from (${days}) as d))`;

const groupRows = sql`json_to_recordset(${sql.placeholder('groups')}::json)
  as t(position int, verb text, kind text, gtes bigint[], "from" date, "to" date)`;

/** `reaches` leaves out the activities that reach no threshold, before each is compared with all of them. */
const momentsQuery = preparedSql(
  { list: json<[number, number, string, number][] | null>() },
  sql`
    with added as materialized (
      select * from json_to_recordset(${sql.placeholder('added')}::json) as n(id bigint, verb text,
        "occurredAt" timestamptz, "localDate" date, "objectId" text, quantity int))
    select json_agg(json_build_array(t.position, g.gte, ${utcText('r.occurred_at')}, r.id)) as list
    from ${groupRows} cross join lateral ((${numberParts}) union all (${objectParts})) as r
    join lateral unnest(t.gtes) as g(gte) on g.gte > r.reached - r.part and g.gte <= r.reached
    where ${reaches('r')}`,
);

interface MomentsRequest {
  thresholds: readonly Threshold[];
  /** The activities that the change is going to save. */
  added: readonly NewActivity[];
  /** Returns the number of the user's activities with the verb. */
  countOf: (verb: string) => number;
}

/**
 * Returns, for each threshold, the activity that reached it in the order of `occurredAt` and id; null when none did.
 */
export async function findMoments(
  db: Db,
  userId: string,
  { thresholds, added, countOf }: MomentsRequest,
): Promise<(Moment | null)[]> {
  const groups = groupsOf(thresholds);
  const parameters = { userId, added: JSON.stringify(added) };
  const moments = new Map<string, Moment>();
  await forEachConcurrently(chunksOf([...groups.values()], countOf), MAX_CONCURRENT_QUERIES, async (chunk) => {
    const numbered = JSON.stringify(chunk.map((group, position) => ({ position, ...group })));
    const rows = single(await momentsQuery(db, { ...parameters, groups: numbered })).list ?? [];
    for (const [position, gte, at, id] of rows) {
      const group = chunk[position] as ThresholdGroup;
      moments.set(`${groupKey(group)} ${gte}`, { at, id });
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

/** Divides the groups into those of one query each. Only those of objects over all time can read many activities. */
function chunksOf(groups: readonly ThresholdGroup[], countOf: (verb: string) => number): ThresholdGroup[][] {
  const chunks: ThresholdGroup[][] = [];
  let activities = 0;
  for (const group of groups) {
    const chunk = chunks.at(-1);
    const count = group.kind === 'object' && group.from === null ? countOf(group.verb) : 0;
    activities += count;
    if (chunk !== undefined && chunk.length < MAX_GROUPS && activities <= MAX_ACTIVITIES) chunk.push(group);
    else {
      chunks.push([group]);
      activities = count;
    }
  }
  return chunks;
}
