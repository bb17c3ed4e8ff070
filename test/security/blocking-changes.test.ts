import { START } from '../../src/features/streaks/streak.ts';
import { addDays, mondayOf } from '../../src/lib/local-date.ts';
import type { TestDatabase } from '../support/database.ts';
import { describe, expect, it } from '../support/fixtures.ts';
import { expectCpuTime, showsUsage } from '../support/process-usage.ts';

const GOALS = 500;
const RANGES = 499;
/** Maximum CPU time of a change in the service process, in milliseconds: four times what it takes alone. */
const MAX_CPU_MS = 1800;

const MONDAY = addDays(mondayOf(new Date().toISOString().slice(0, 10)), -7);
const EXCUSE = 'mutation($input: ExcuseDatesInput!) { excuseDates(input: $input) { excusedDates { from } } }';

/**
 * Inserts weekly goals with activity on each date of the week before, and ranges from each second Sunday to the Monday
 * after. No week that they excuse in part can have activity on seven required dates, so each of them is skipped.
 */
async function insertSkippedWeeks({ sql }: TestDatabase, userId: string): Promise<void> {
  await sql`insert into auth_users (id) values (${userId}) on conflict do nothing`;
  await sql`
    insert into learning_goals (auth_user_id, title, status, streak_count, times_per_week, first_activity_on, streak_base, created_at, updated_at)
    select ${userId}, 'Goal ' || n, 'in-progress', 0, 7, ${MONDAY}, 0, now(), now() from generate_series(1, ${GOALS}::int) n`;
  await sql`
    insert into activities (auth_user_id, event_id, verb, goal_id, quantity, occurred_at, is_occurred_at_default, local_date,
      time_zone, recorded_at)
    select ${userId}, 'e-' || g.id || '-' || day, 'practice', g.id, 1, at, false, at::date, 'UTC', at
    from learning_goals g cross join generate_series(0, 6) day
    cross join lateral (select ${`${MONDAY}T12:00:00Z`}::timestamptz + day * interval '1 day' as at) t
    where auth_user_id = ${userId}`;
  await sql`
    insert into activity_days (auth_user_id, series, local_date, count, quantity)
    select auth_user_id, series, local_date, count(*), count(*)
    from activities a, unnest(array['all', 'verb:practice', 'goal:' || goal_id]) series
    where auth_user_id = ${userId} group by auth_user_id, series, local_date`;
  await sql`
    insert into activity_totals (auth_user_id, series, count, quantity, days, objects)
    select auth_user_id, series, sum(count), sum(quantity), count(*), 0
    from activity_days where auth_user_id = ${userId} group by auth_user_id, series`;
  await sql`
    insert into streaks (auth_user_id, series, times_per_week, time_zone, checkpoint, forecast)
    select distinct auth_user_id, series, case series when 'all' then null else 7 end, 'UTC', ${JSON.stringify(START)}, ''
    from activity_days where auth_user_id = ${userId} and series not like 'verb:%'`;
  await sql`
    insert into excused_dates (auth_user_id, from_date, to_date, created_by, created_at)
    select ${userId}, sunday, sunday + 1, 'user', now() - interval '2 days'
    from generate_series(0, ${RANGES - 1}::int) n cross join lateral (select ${MONDAY}::date + 13 + n * 14 as sunday) s`;
}

describe.runIf(showsUsage)('one change does not block other requests:', () => {
  it('excused dates of 500 weekly goals and of 1,000 weeks that no goal can reach', async ({
    db,
    serviceProcess,
    createUser,
  }) => {
    const { id, token } = await createUser();
    await insertSkippedWeeks(db, id);
    let expiresOn = addDays(MONDAY, 7 * (2 * RANGES + 1) + 6);
    await expectCpuTime(serviceProcess.pid, MAX_CPU_MS, async () => {
      const input = { from: expiresOn, to: expiresOn };
      const { errors } = await serviceProcess.graphql(EXCUSE, { input }, { token });
      expect(errors).toBeUndefined();
      expiresOn = addDays(expiresOn, 7);
    });
    const streaks = await db.sql`select forecast from streaks where auth_user_id = ${id} and series like 'goal:%'`;
    expect(streaks).toHaveLength(GOALS);
    for (const { forecast } of streaks) expect(forecast).toContain(expiresOn);
  }, 60_000);
});
