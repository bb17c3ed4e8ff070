import type { Db } from '../../db/client.ts';
import { sql } from '../../db/driver/drizzle.ts';
import { utcText } from '../../db/query/json.ts';
import { single } from '../../db/query/prepared-query.ts';
import { json, preparedSql } from '../../db/query/prepared-sql.ts';
import { RUN_KEY } from '../badge-definitions/definition.ts';
import { MAX_HISTORY_ACTIVITIES, MAX_PERIOD_ACTIVITIES } from '../badge-definitions/rule.ts';
import type { BadgeEvidence } from './evidence.ts';
import type { ActiveDates, ActiveDatesKey, FactKey, HeldBadgeKey } from './fact.ts';

/** The rows of a JSON array of objects, with their positions. */
const keyRows = (columns: string) => {
  const names = columns.replaceAll(/ (text|date|timestamptz)/g, '');
  return sql`rows from (json_to_recordset(${sql.placeholder('keys')}::json) as (${sql.raw(columns)}))
    with ordinality as t(${sql.raw(names)}, position)`;
};

/** Returns a batch function: one query returns a value for each key, in the order of the keys. */
function batchQuery<Key, Value>(statement: ReturnType<typeof sql>) {
  const query = preparedSql({ list: json<Value[]>() }, statement);
  return async (db: Db, keys: readonly Key[]): Promise<Value[]> =>
    single(await query(db, { keys: JSON.stringify(keys) })).list;
}

const MAX_PERIOD = sql.raw(String(MAX_PERIOD_ACTIVITIES));
const MAX_HISTORY = sql.raw(String(MAX_HISTORY_ACTIVITIES));

/** Activities of one query whose objects are counted, so that the query stays within its time limit. */
const MAX_OBJECT_ACTIVITIES = 500_000;

const isOfActivities = sql.raw(`t.kind in ('count', 'sum', 'object', 'date')`);
const isTotal = sql.raw('t."from" is null and t."to" is null and t.until is null');
const inPeriod = (row: string) =>
  sql.raw(`${row}.local_date >= coalesce(t."from", '-infinity') and ${row}.local_date <= coalesce(t."to", 'infinity')`);

/** The latest of the instants at which objects are counted. No zone is more than a day from UTC. */
const lastEnd = sql.raw('t.ends[cardinality(t.ends)]');

/**
 * The numbers of different objects. One pass over the activities of a user, verb and period finds when each object
 * occurred first. It then counts those between the ends of all keys.
 */
const objectCounts = sql`
  object_histories as materialized (
    select t.*, (
        select sum(d.count) from activity_days d
        where d.auth_user_id = t."userId" and d.series = 'verb:' || t.subject and ${inPeriod('d')}
          and d.local_date <= ${lastEnd}::date + 1
      ) as activities,
      case when t."from" is null then ${MAX_HISTORY} else ${MAX_PERIOD} end as maximum
    from (
      select t."userId", t.subject, t."from", t."to", array_agg(distinct t."end" order by t."end") as ends
      from keys t where t.kind = 'object' and not (${isTotal})
      group by t."userId", t.subject, t."from", t."to"
    ) as t),
  objects as materialized (
    select coalesce(sum(least(coalesce(t.activities, 0), t.maximum)), 0) <= ${sql.raw(String(MAX_OBJECT_ACTIVITIES))} as are_counted
    from object_histories t),
  object_counts as materialized (
    select t."userId", t.subject, t."from", t."to", t.ends, f.position, count(*) as objects
    from object_histories t cross join lateral (
      select width_bucket(min(a.occurred_at), t.ends) as position from (
        select a.object_id, a.occurred_at from activities a
        where a.auth_user_id = t."userId" and a.verb = t.subject and a.voided_at is null and ${inPeriod('a')}
          and a.occurred_at >= coalesce(t."from" - 1, '-infinity')
          and a.occurred_at < least(${lastEnd}, coalesce(t."to" + 2, 'infinity'))
        order by a.occurred_at, a.id
        limit t.maximum
      ) as a
      where a.object_id is not null
      group by a.object_id collate "C"
    ) as f
    where (select are_counted from objects)
    group by t."userId", t.subject, t."from", t."to", t.ends, f.position),
  key_objects as materialized (
    select t.position, sum(c.objects) as objects
    from keys t join object_counts c on c."userId" = t."userId" and c.subject = t.subject
      and coalesce(c."from", '-infinity') = coalesce(t."from", '-infinity')
      and coalesce(c."to", 'infinity') = coalesce(t."to", 'infinity')
    where t.kind = 'object' and not (${isTotal}) and c.position < array_position(c.ends, t."end")
    group by t.position)`;

/**
 * Numbers of activities are those of `activity_totals` or `activity_days`. An activity whose date is two days before an
 * instant occurred before it in every zone. So only those of the last dates are compared with the instant.
 */
const factsStatement = sql`
  with keys as materialized (
    select *, coalesce(t.until, 'infinity') + interval '1 microsecond' as "end"
    from ${keyRows('"userId" text, kind text, subject text, "from" date, "to" date, until timestamptz')}),
  ${objectCounts}
  select json_agg(case when t.kind <> 'object' or ${isTotal} or (select are_counted from objects)
    then least(coalesce(v.value, 0) + coalesce(o.objects, 0), 2147483647) end order by t.position) as list
  from keys t left join key_objects o on o.position = t.position
  left join lateral (
    select sum(value) as value from (
      select case t.kind when 'sum' then s.quantity when 'object' then s.objects when 'date' then s.days else s.count end
        as value
      from activity_totals s
      where ${isOfActivities} and ${isTotal} and s.auth_user_id = t."userId" and s.series = 'verb:' || t.subject
      union all
      select case t.kind when 'sum' then d.quantity when 'date' then 1 else d.count end
      from activity_days d
      where t.kind in ('count', 'sum', 'date') and not (${isTotal}) and d.auth_user_id = t."userId"
        and d.series = 'verb:' || t.subject and d.count > 0 and ${inPeriod('d')}
        and d.local_date <= coalesce(t.until::date - 2, 'infinity')
      union all
      select case t.kind when 'sum' then a.quantity
        when 'date' then (row_number() over (partition by a.local_date) = 1)::int else 1 end
      from activities a
      where t.kind in ('count', 'sum', 'date') and t.until is not null and a.auth_user_id = t."userId"
        and a.verb = t.subject and a.voided_at is null and a.occurred_at between t.until::date - 2 and t.until
        and a.local_date > t.until::date - 2 and ${inPeriod('a')}
      union all

      select count(*) from learning_goals g
      where t.kind = 'goals' and g.auth_user_id = t."userId" and g.status = 'completed'
        and g.completed_at <= coalesce(t.until, 'infinity')
      union all
      select count(*) from badges b
      where t.kind = 'badge' and b.auth_user_id = t."userId" and b.definition_key = t.subject and b.status = 'active'
        and b.date_achieved <= coalesce(t.until, 'infinity')
    ) as parts
  ) as v on true`;

/** Returns the numbers, at most 2,147,483,647; null for those of objects when all of them need too many activities. */
export const findFacts = batchQuery<FactKey, number | null>(factsStatement);

const datesStatement = sql`
  select json_agg(json_build_object(
    'dates', (select coalesce(json_agg(local_date order by local_date), '[]') from (
        select d.local_date from activity_days d
        where d.auth_user_id = t."userId" and d.series = 'all' and d.count > 0
          and d.local_date >= coalesce(t."from", '-infinity') and d.local_date <= coalesce(t.until::date - 2, 'infinity')
        union
        select a.local_date from activities a
        where t.until is not null and a.auth_user_id = t."userId" and a.voided_at is null
          and a.occurred_at between t.until::date - 2 and t.until
          and a.local_date > t.until::date - 2 and a.local_date >= coalesce(t."from", '-infinity')
      ) as active),
    'zones', (select coalesce(json_agg(json_build_object('effectiveFrom', ${utcText('z.effective_from')},
        'timeZone', z.time_zone) order by z.effective_from), '[]')
      from user_time_zones z where z.auth_user_id = t."userId"),
    'excused', (select coalesce(json_agg(json_build_object('from', e.from_date, 'to', e.to_date)), '[]')
      from excused_dates e where e.auth_user_id = t."userId" and e.voided_at is null)
  ) order by t.position) as list
  from ${keyRows('"userId" text, "from" date, until timestamptz')}`;

export const findActiveDates = batchQuery<ActiveDatesKey, ActiveDates>(datesStatement);

const runKeyPattern = sql.raw(`'${RUN_KEY}'`);

/** Of the keys in a range of runs, only those of runs. */
const heldStatement = sql`
  select json_agg(held.id order by t.position) as list
  from ${keyRows('"userId" text, "definitionKey" text, "firstKey" text, "lastKey" text')}
  left join lateral (
    select b.id from badges b
    where b.auth_user_id = t."userId" and b.definition_key = t."definitionKey" and b.status = 'active'
      and b.award_key >= t."firstKey" and b.award_key <= t."lastKey"
      and (b.award_key ~ ${runKeyPattern} or t."firstKey" !~ ${runKeyPattern})
    order by b.award_key limit 1
  ) as held on true`;

/** Returns the ids of the active badges; null for a badge that the user does not have. */
export const findHeldBadges = batchQuery<HeldBadgeKey, number | null>(heldStatement);

/** The badge of an evidence. */
export type EvidenceKey = Pick<BadgeEvidence, 'userId' | 'definitionKey' | 'awardKey' | 'version'>;

const evidenceStatement = sql`
  select json_agg(case when e.digest is not null then json_build_object('decidedAt', ${utcText('e.decided_at')},
    'activityIds', e.activity_ids::json, 'digest', e.digest) end order by t.position) as list
  from ${keyRows('"userId" text, "definitionKey" text, "awardKey" text')}
  left join badge_evidence e on e.auth_user_id = t."userId" and e.definition_key = t."definitionKey"
    and e.award_key = t."awardKey"`;

type EvidenceRow = Pick<BadgeEvidence, 'decidedAt' | 'activityIds' | 'digest'>;
const findRows = batchQuery<EvidenceKey, EvidenceRow | null>(evidenceStatement);

/** Returns the evidence of badges, in their order; null for a badge without evidence. */
export async function findEvidence(db: Db, badges: readonly EvidenceKey[]): Promise<(BadgeEvidence | null)[]> {
  const rows = await findRows(db, badges);
  return badges.map((badge, index) => {
    const row = rows[index] ?? null;
    return row && { ...badge, ...row };
  });
}
