import type { SQL } from 'drizzle-orm';
import { currentRevision } from '../../db/badge-definition-revision.ts';
import type { Db } from '../../db/client.ts';
import { marksAsCounting } from '../../db/counters.ts';
import { sql } from '../../db/driver/drizzle.ts';
import { bigintArray, single, WRITE } from '../../db/query/prepared-query.ts';
import { integer, json, preparedSql } from '../../db/query/prepared-sql.ts';
import { runStatement } from '../../db/write-retries.ts';
import type { TrackingChange } from './change.ts';

const rows = (name: string, definition: string) =>
  sql`json_to_recordset(${sql.placeholder(name)}::json) as r(${sql.raw(definition)})`;

const decoders = { savedCount: integer, awards: json<SavedAward[] | null>(), excused: json<number[] | null>() };

/** The definition, the award key and the id of a badge. */
type SavedAward = [string, string, number];

/** The ids of the rows that a change has created. */
export interface SavedIds {
  awards: SavedAward[];
  excused: number[];
}

/**
 * The newest 200 activities up to the one that decided an award. PostgreSQL expects few rows, and would read the whole
 * history and sort it. `coalesce`, of which it expects half of the rows, and a limit that it does not know make it read
 * 200 from the index.
 */
const newest = (condition: SQL) => sql`
  select a.id, a.occurred_at from activities a
  where a.auth_user_id = n.user_id and a.voided_at is null and ${condition}
    and coalesce(a.local_date between r."from" and r."to", false) and a.occurred_at >= r."from" - 1
    and (a.occurred_at, a.id) <= (r."decidedAt", r."decidedId")
  order by a.occurred_at desc, a.id desc limit (select 200)`;

/** The update of the user, which comes first and locks the user's row. */
const changed = sql`
    changed as (
      insert into auth_users as u (id, tracking_version, badge_count, goal_count)
      select ${sql.placeholder('userId')}::text, 1, ${sql.placeholder('badges')}::int, 0
      where ${currentRevision} = ${sql.placeholder('revision')}::bigint
      on conflict (id) do update
        set tracking_version = u.tracking_version + 1, badge_count = u.badge_count + excluded.badge_count
        where u.tracking_version = ${sql.placeholder('version')}::int
      returning u.id)`;

/** The rows that every recorded activity changes. */
const recordingRows = sql`
    saved_activities as (
      insert into activities (auth_user_id, id, event_id, verb, object_id, goal_id, quantity, occurred_at,
        is_occurred_at_default, local_date, time_zone, recorded_at, voided_at)
      select changed.id, r.id, r."eventId", r.verb, r."objectId", r."goalId", r.quantity, r."occurredAt",
        r."isOccurredAtDefault", r."localDate", r."timeZone", r."recordedAt", r."voidedAt"
      from changed, ${rows(
        'activities',
        `id bigint, "eventId" text, verb text, "objectId" text, "goalId" bigint, quantity int, "occurredAt" timestamptz,
        "isOccurredAtDefault" boolean, "localDate" date, "timeZone" text, "recordedAt" timestamptz, "voidedAt" timestamptz`,
      )}),
    saved_days as (
      insert into activity_days as d (auth_user_id, series, local_date, count, quantity)
      select changed.id, r.series, r."localDate", r.count, r.quantity
      from changed, ${rows('days', 'series text, "localDate" date, count int, quantity bigint')}
      on conflict (auth_user_id, series, local_date) do update
        set count = d.count + excluded.count, quantity = d.quantity + excluded.quantity),
    saved_totals as (
      insert into activity_totals as t (auth_user_id, series, count, quantity, days, objects)
      select changed.id, r.series, r.count, r.quantity, r.days, r.objects
      from changed, ${rows('totals', 'series text, count bigint, quantity bigint, days int, objects int')}
      on conflict (auth_user_id, series) do update
        set count = t.count + excluded.count, quantity = t.quantity + excluded.quantity,
          days = t.days + excluded.days, objects = t.objects + excluded.objects),
    saved_streaks as (
      insert into streaks (auth_user_id, series, times_per_week, time_zone, checkpoint, through, forecast)
      select changed.id, r.series, r."timesPerWeek", r."timeZone", r.checkpoint, (r.checkpoint ->> 'through')::date, r.forecast
      from changed, ${rows('streaks', 'series text, "timesPerWeek" int, "timeZone" text, checkpoint json, forecast text')}
      on conflict (auth_user_id, series) do update
        set times_per_week = excluded.times_per_week, time_zone = excluded.time_zone, checkpoint = excluded.checkpoint,
          through = excluded.through, forecast = excluded.forecast)`;

/**
 * The rows of other changes. The limit of the awards is for the plan: PostgreSQL expects ten rows instead of a hundred.
 * Evidence outlives a badge that was deleted by hand, so the next award of the same badge replaces it.
 */
const otherRows = sql`
    voided as (
      update activities a set voided_at = r."voidedAt"
      from changed, ${rows('voided', 'id bigint, "voidedAt" timestamptz')}
      where a.auth_user_id = changed.id and a.id = r.id and a.id = any(${sql.placeholder('voidedIds')}::bigint[])),
    saved_goals as (
      update learning_goals g set first_activity_on = r."firstActivityOn", streak_base = r."streakBase"
      from changed, ${rows('goals', 'id bigint, "firstActivityOn" date, "streakBase" int')}
      where g.auth_user_id = changed.id and g.id = r.id),
    saved_zones as (
      insert into user_time_zones (auth_user_id, effective_from, time_zone, is_from_token)
      select changed.id, r."effectiveFrom", r."timeZone", r."isFromToken"
      from changed, ${rows('zones', '"effectiveFrom" timestamptz, "timeZone" text, "isFromToken" boolean')}),
    excused as (
      insert into excused_dates (auth_user_id, from_date, to_date, reason, created_by, created_at)
      select changed.id, r."from", r."to", r.reason, r."createdBy", r."createdAt"
      from changed, ${rows('excused', '"from" date, "to" date, reason text, "createdBy" text, "createdAt" timestamptz')}
      returning id),
    cancelled as (
      update excused_dates e set to_date = r."to", cancelled_at = r."cancelledAt", voided_at = r."voidedAt"
      from changed, ${rows('cancelled', 'id bigint, "to" date, "cancelledAt" timestamptz, "voidedAt" timestamptz')}
      where e.auth_user_id = changed.id and e.id = r.id),
    statuses as (
      update badges b set status = r.status, revoked_at = case r.status when 'revoked' then r.at end,
        revoked_reason = case r.status when 'revoked' then r.reason end
      from changed, ${rows('statuses', 'id bigint, status text, at timestamptz, reason text')}
      where b.auth_user_id = changed.id and b.id = r.id and ${marksAsCounting}),
    new_awards as (
      select changed.id as user_id, r.* from changed, ${rows(
        'awards',
        `"definitionKey" text, "definitionVersion" int, "awardKey" text, name text, description text, "iconUrl" text,
        "dateAchieved" timestamptz, source text, evidence json`,
      )}
      limit ${sql.placeholder('awardCount')}::int),
    awarded as (
      insert into badges (auth_user_id, name, description, icon_url, date_achieved, source, definition_key,
        definition_version, award_key)
      select user_id, name, description, "iconUrl", "dateAchieved", source, "definitionKey", "definitionVersion", "awardKey"
      from new_awards where ${marksAsCounting}
      returning definition_key, award_key, id),
    recorded as materialized (
      select * from ${rows('activities', 'id bigint, verb text, "localDate" date, "occurredAt" timestamptz')}),
    decided as materialized (
      select n.*, r.*, (select coalesce(json_agg(id), '[]') from (
          select id from (
            (select a.id, a.occurred_at from unnest(r.verbs) as v(verb) cross join lateral (
              ${newest(sql`a.verb = v.verb`)}) as a)
            union all
            (${newest(sql`r.verbs is null`)})
            union all
            select id, "occurredAt" from recorded
            where (r.verbs is null or verb = any(r.verbs))
              and "localDate" between r."from" and r."to" and ("occurredAt", id) <= (r."decidedAt", r."decidedId")
          ) as deciding order by occurred_at desc, id desc limit 200) as newest)::text as activity_ids
      from new_awards n, json_to_record(n.evidence)
        as r("decidedAt" timestamptz, "decidedId" bigint, verbs text[], "from" date, "to" date)
      where n.evidence is not null),
    saved_evidence as (
      insert into badge_evidence (auth_user_id, definition_key, award_key, decided_at, activity_ids, digest)
      select user_id, "definitionKey", "awardKey", "decidedAt", activity_ids, encode(sha256(convert_to(
        "definitionKey" || ' ' || "definitionVersion" || ' ' || "awardKey" || ' ' || activity_ids, 'UTF8')), 'hex')
      from decided
      on conflict (auth_user_id, definition_key, award_key) do update
        set decided_at = excluded.decided_at, activity_ids = excluded.activity_ids, digest = excluded.digest)`;

/**
 * Saves a change in one statement, if the user's tracked data still have the version, and the definitions the revision,
 * from which it was computed.
 */
const saveQuery = preparedSql(
  decoders,
  sql`
    with ${changed}, ${recordingRows}, ${otherRows}
    select (select count(*) from changed) as saved,
      (select json_agg(json_build_array(definition_key, award_key, id)) from awarded) as awards,
      (select json_agg(id) from excused) as excused`,
  WRITE,
);

/** The same for a change of only the rows that every recorded activity changes, which PostgreSQL runs faster. */
const saveRecordingQuery = preparedSql(
  decoders,
  sql`
    with ${changed}, ${recordingRows}
    select (select count(*) from changed) as saved, null as awards, null as excused`,
  WRITE,
);

/**
 * Saves a change of a user, computed from the version and the revision. Returns undefined when the user has another
 * version or the definitions another revision. Outside a transaction it throws the errors of `runStatement`.
 */
export async function saveChange(
  db: Db,
  { userId, version, revision, change }: { userId: string; version: number; revision: number; change: TrackingChange },
): Promise<SavedIds | undefined> {
  // NOTE: the lists of `recordingRows`, and those of `otherRows`
  const { activities, days, totals, streaks, ...otherLists } = change;
  const isRecording = Object.values(otherLists).every((list) => list.length === 0);
  const save = isRecording ? saveRecordingQuery : saveQuery;
  const lists = isRecording ? { activities, days, totals, streaks } : change;
  const parameters = {
    userId,
    version,
    revision,
    badges: change.awards.length + change.statuses.reduce((sum, { status }) => sum + (status === 'active' ? 1 : -1), 0),
    awardCount: change.awards.length,
    voidedIds: bigintArray(change.voided.map(({ id }) => id)),
    ...Object.fromEntries(Object.entries(lists).map(([name, list]) => [name, JSON.stringify(list)])),
  };
  const saved = single(await runStatement(db, () => save(db, parameters)));
  return saved.savedCount === 0 ? undefined : { awards: saved.awards ?? [], excused: saved.excused ?? [] };
}
