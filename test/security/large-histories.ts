import type { TestDatabase } from '../support/database.ts';

/**
 * The users of `insertLargeLists` with large lists have as many activities, and definitions have awarded their badges.
 */
const USERS = 20;
const ACTIVITIES = 500;
const DEFINITIONS = 100;
const EVIDENCE = 200;

/**
 * Inserts activities of the users `user-1` to `user-20`, each for a goal, with their sums, active definitions with
 * rules, and the evidence of badges. `insertLargeLists` comes first.
 */
export async function insertLargeHistories({ sql }: TestDatabase): Promise<void> {
  await sql`
    insert into activities (auth_user_id, event_id, verb, object_id, goal_id, quantity, occurred_at, is_occurred_at_default,
      local_date, time_zone, recorded_at)
    select 'user-' || u, 'e-' || n, 'practice', repeat('😀', 200), g.id, 1, at, false, at::date, 'UTC', at
    from generate_series(1, ${USERS}::int) u
    cross join generate_series(1, ${ACTIVITIES}::int) n
    cross join lateral (select now() - n * interval '12 hours' as at) t
    cross join lateral (select min(id) + n - 1 as id from learning_goals where auth_user_id = 'user-' || u) g`;
  await sql`
    insert into activity_days (auth_user_id, series, local_date, count, quantity)
    select auth_user_id, series, local_date, count(*), count(*)
    from activities, unnest('{all,verb:practice}'::text[]) series group by auth_user_id, series, local_date`;
  await sql`
    insert into activity_totals (auth_user_id, series, count, quantity, days, objects)
    select auth_user_id, series, sum(count), sum(quantity), count(*), case series when 'all' then 0 else 1 end
    from activity_days group by auth_user_id, series`;
  const rule = { all: Array.from({ length: 20 }, (_, i) => ({ count: { verb: 'practice', gte: 1000 + i } })) };
  await sql`
    insert into badge_definitions (key, state, version, created_at, updated_at)
    select 'd-' || n, 'active', 1, now(), now() from generate_series(1, ${DEFINITIONS}::int) n`;
  await sql`
    insert into badge_definition_versions (key, version, name, description, icon_url, rule, repeat, created_at)
    select key, 1, 'Reader', repeat('€', 500), '/reader.svg', ${JSON.stringify(rule)}, 'once', now() from badge_definitions`;
  await sql`update badge_definition_revision set revision = revision + 1`;
  await sql`
    update badges set source = 'rule', definition_key = 'd-' || id % ${DEFINITIONS}::int + 1, definition_version = 1, award_key = id
    where auth_user_id in (select distinct auth_user_id from activities)`;
  await sql`
    insert into badge_evidence (auth_user_id, definition_key, award_key, decided_at, activity_ids, digest)
    select b.auth_user_id, b.definition_key, b.award_key, now(), a.ids, repeat('0', 64)
    from badges b
    join (
      select auth_user_id, json_agg(id)::text as ids
      from (select *, row_number() over (partition by auth_user_id order by id) as n from activities) numbered
      where n <= ${EVIDENCE}::int group by auth_user_id
    ) a using (auth_user_id)`;
  await sql`analyze`;
}
