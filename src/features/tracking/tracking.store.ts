import type { SQL } from 'drizzle-orm';
import { currentRevision } from '../../db/badge-definition-revision.ts';
import type { Db } from '../../db/client.ts';
import { sql } from '../../db/driver/drizzle.ts';
import { utcText } from '../../db/query/json.ts';
import { bigintArray, single, textArray } from '../../db/query/prepared-query.ts';
import { integer, json, preparedSql } from '../../db/query/prepared-sql.ts';
import { ALL, goalSeries, verbSeries } from '../streaks/series.ts';
import type { CompleteRequest, StoredActivity, StoredStreak, Totals, TrackedGoal, TrackedUser } from './state.ts';

const userIdParam = sql`${sql.placeholder('userId')}::text`;
const verbsParam = sql`${sql.placeholder('verbs')}::text[]`;
const sinceDate = sql`${sql.placeholder('since')}::date`;
const ownRangesSince = sql`${sql.placeholder('ownRangesSince')}::timestamptz`;
const sumsSinceDate = sql`${sql.placeholder('sumsSince')}::date`;

/** Awards of a definition that are read: more than periods can have had since 1970. */
const MAX_READ_AWARDS = 20_000;

/**
 * The award key of the run that the checkpoint continues or, without one, of its last date: no change extends an older
 * run. Null when all dates are read, and when none may change.
 */
const firstRunKey = sql`(
  select 'run:' || coalesce(checkpoint::json ->> 'startedOn', through::text) from stored_streaks
  where series = 'all' and through < ${sinceDate})`;

const decoders = {
  version: integer,
  revision: integer,
  zones: json<TrackedUser['zones'] | null>(),
  excused: json<TrackedUser['excused'] | null>(),
  ownRanges: integer,
  streaks: json<[string, StoredStreak][] | null>(),
  days: json<[string, string, number][] | null>(),
  totals: json<[string, Totals][] | null>(),
  goals: json<[number, TrackedGoal][] | null>(),
  activitiesByEventId: json<[string, StoredActivity][] | null>(),
  objects: json<[string, number][] | null>(),
  awards: json<TrackedUser['awards'] | null>(),
  goalCompletions: json<string[] | null>(),
  newIds: json<number[] | null>(),
};

/** The parts of the statement that few recordings need. */
const otherParts = {
  ownRanges: sql`case when ${ownRangesSince} is null then 0 else (select count(*) from excused_dates
        where auth_user_id = ${userIdParam} and created_by = 'user' and created_at > ${ownRangesSince}) end`,
  goals: sql`
      (select json_agg(json_build_array(id, json_build_object('timesPerWeek', times_per_week, 'streakCount', streak_count,
          'writtenAt', ${utcText('coalesce(streak_written_at, updated_at)')}, 'firstActivityOn', first_activity_on)))
        from learning_goals
        where auth_user_id = ${userIdParam} and id = any(${sql.placeholder('goalIds')}::bigint[]))`,
  awards: sql`
          union all
          (select distinct on (definition_key) id, definition_key, award_key, status, date_achieved from badges
          where auth_user_id = ${userIdParam} and definition_key = any(${sql.placeholder('requiredBadges')}::text[])
            and status = 'active'
          order by definition_key, date_achieved)
          union all
          select id, definition_key, award_key, status, date_achieved from badges
          where auth_user_id = ${userIdParam} and id = any(${sql.placeholder('badgeIds')}::bigint[])`,
  goalCompletions: sql`
      (select json_agg(${utcText('completed_at')} order by completed_at, id) from (
          select completed_at, id from learning_goals where auth_user_id = ${userIdParam} and status = 'completed'
          order by completed_at, id limit ${sql.placeholder('neededGoals')}::int) as completed)`,
};

/**
 * Reads everything in one statement, so that all of it is of one snapshot, to which the version belongs. The activity
 * days of a streak are those after its checkpoint, unless an earlier date may change.
 */
const readStatement = (parts: Record<keyof typeof otherParts, SQL>) => sql`
    with stored_streaks as (
      select * from streaks
      where auth_user_id = ${userIdParam} and (series = any(${sql.placeholder('streaks')}::text[])
        or ${sql.placeholder('allStreaks')}::boolean or (${sql.placeholder('mayAddFirstZone')}::boolean
          and not exists (select from user_time_zones where auth_user_id = ${userIdParam}))))
    select coalesce(u.tracking_version, 0) as version,
      ${currentRevision} as revision,
      (select json_agg(json_build_object('effectiveFrom', ${utcText('effective_from')}, 'timeZone', time_zone,
          'isFromToken', is_from_token)
          order by effective_from)
        from user_time_zones where auth_user_id = ${userIdParam}) as zones,
      (select json_agg(json_build_object('id', id, 'from', from_date, 'to', to_date, 'createdBy', created_by,
          'isCancelled', cancelled_at is not null))
        from excused_dates where auth_user_id = ${userIdParam} and voided_at is null) as excused,
      ${parts.ownRanges} as "ownRanges",
      (select json_agg(json_build_array(series, json_build_object('timesPerWeek', times_per_week, 'timeZone', time_zone,
          'checkpoint', checkpoint::json, 'forecast', forecast))) from stored_streaks) as streaks,
      (select json_agg(json_build_array(series, local_date, count) order by local_date) from (
          select d.series, d.local_date, d.count from stored_streaks, activity_days d
          where d.auth_user_id = ${userIdParam} and d.series = stored_streaks.series and d.count > 0 and d.local_date > case
            when stored_streaks.through is null or stored_streaks.through >= ${sinceDate} then '-infinity' else stored_streaks.through end
          union all
          select series, local_date, count from activity_days
          where auth_user_id = ${userIdParam} and series = any(${verbsParam}) and local_date >= ${sumsSinceDate} and count > 0
        ) as days) as days,
      (select json_agg(json_build_array(series, json_build_object('count', count, 'quantity', quantity, 'days', days,
          'objects', objects)))
        from activity_totals where auth_user_id = ${userIdParam} and series = any(${verbsParam})) as totals,
      ${parts.goals} as goals,
      (select json_agg(json_build_array(a.event_id, json_build_object('id', a.id, 'userId', a.auth_user_id,
          'eventId', a.event_id, 'verb', a.verb, 'objectId', a.object_id, 'goalId', g.id, 'quantity', a.quantity,
          'occurredAt', ${utcText('a.occurred_at')}, 'isOccurredAtDefault', a.is_occurred_at_default,
          'localDate', a.local_date, 'timeZone', a.time_zone, 'recordedAt', ${utcText('a.recorded_at')},
          'voidedAt', ${utcText('a.voided_at')}, 'isGoalDeleted', a.goal_id is not null and g.id is null)))
        from json_array_elements_text(${sql.placeholder('eventIds')}::json) as e(event_id)
        cross join lateral (
          select * from activities where auth_user_id = ${userIdParam} and event_id = e.event_id offset 0) as a
        left join learning_goals g on g.auth_user_id = a.auth_user_id and g.id = a.goal_id) as activities,
      (select json_agg(json_build_array(o.verb || ' ' || o.object_id, (select count(*) from (
          select from activities a where a.auth_user_id = ${userIdParam} and a.verb = o.verb and a.object_id = o.object_id
            and a.voided_at is null limit 2) as found)))
        from json_to_recordset(${sql.placeholder('objects')}::json) as o(verb text, object_id text)) as objects,
      (select json_agg(json_build_object('id', id, 'definitionKey', definition_key, 'awardKey', award_key,
          'status', status, 'dateAchieved', ${utcText('date_achieved')})) from (
          select b.id, b.definition_key, b.award_key, b.status, b.date_achieved
          from json_to_recordset(${sql.placeholder('awards')}::json) as r("definitionKey" text, "from" text, "to" text)
          cross join lateral (
            select * from badges where auth_user_id = ${userIdParam} and definition_key = r."definitionKey"
              and award_key >= coalesce(r."from", ${firstRunKey}, '') and award_key <= r."to"
            order by award_key limit ${sql.raw(String(MAX_READ_AWARDS))}) as b
          ${parts.awards}
        ) as held) as awards,
      ${parts.goalCompletions} as "goalCompletions",
      (select json_agg(nextval('activities_id_seq')) from generate_series(1, ${sql.placeholder('newIds')}::int)) as "newIds"
    from (select) as one left join auth_users u on u.id = ${userIdParam}`;

const readQuery = preparedSql(decoders, readStatement(otherParts));

/** The same without these parts, which PostgreSQL runs faster. */
const readRecordingQuery = preparedSql(
  decoders,
  readStatement({ ownRanges: sql`0`, goals: sql`null`, awards: sql``, goalCompletions: sql`null` }),
);

/** Reads the tracked data of a user. Everything is empty for a user without a row. */
export async function findTrackedUser(db: Db, request: CompleteRequest): Promise<TrackedUser> {
  const read = needsOtherParts(request) ? readQuery : readRecordingQuery;
  const row = single(await read(db, parametersOf(request)));
  return {
    id: request.userId,
    version: row.version,
    revision: row.revision,
    zones: row.zones ?? [],
    excused: row.excused ?? [],
    ownRanges: row.ownRanges,
    streaks: new Map(row.streaks),
    days: groupDays(row.days ?? []),
    sumsSince: request.sumsSince,
    totals: new Map(row.totals),
    goals: new Map(row.goals),
    activitiesByEventId: new Map(row.activitiesByEventId),
    objects: new Map(row.objects),
    // NOTE: an award can be in several of the requested ranges and lists
    awards: [...new Map(row.awards?.map((award) => [award.id, award])).values()],
    goalCompletions: row.goalCompletions ?? [],
    newIds: row.newIds ?? [],
  };
}

function needsOtherParts({ goalIds = [], ...request }: CompleteRequest): boolean {
  const { requiredBadges, badgeIds = [], neededGoals } = request;
  const hasIds = [goalIds, requiredBadges, badgeIds].some((ids) => ids === 'all' || ids.length > 0);
  return hasIds || neededGoals > 0 || request.ownRangesSince != null;
}

function parametersOf({ goalIds = [], ...request }: CompleteRequest): Record<string, unknown> {
  const { eventIds = [], verbs, objects = [], awards, requiredBadges, badgeIds = [] } = request;
  const goals = goalIds === 'all' ? [] : goalIds;
  return {
    userId: request.userId,
    streaks: textArray([ALL, ...goals.map(goalSeries)]),
    allStreaks: goalIds === 'all',
    mayAddFirstZone: request.mayAddFirstZone ?? false,
    goalIds: bigintArray(goals),
    verbs: textArray(verbs.map(verbSeries)),
    since: request.since ?? null,
    sumsSince: request.sumsSince,
    eventIds: JSON.stringify(eventIds),
    objects: JSON.stringify(objects.map(({ verb, objectId }) => ({ verb, object_id: objectId }))),
    awards: JSON.stringify(awards),
    requiredBadges: textArray(requiredBadges),
    badgeIds: bigintArray(badgeIds),
    ownRangesSince: request.ownRangesSince ?? null,
    neededGoals: request.neededGoals,
    newIds: request.newIds ?? 0,
  };
}

function groupDays(rows: readonly [string, string, number][]): TrackedUser['days'] {
  const days: TrackedUser['days'] = new Map();
  for (const [series, date, count] of rows) {
    const dates = days.get(series) ?? new Map<string, number>();
    days.set(series, dates.set(date, count));
  }
  return days;
}
