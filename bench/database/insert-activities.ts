import type { Sql } from 'postgres';
import { advance, encodeSteps } from '../../src/features/streaks/forecast.ts';
import { addDays } from '../../src/lib/local-date.ts';

/** The verb of all seeded activities. Users may record it themselves. */
export const VERB = 'lesson.completed';

/** Users with the same remainder have activities on the same dates. */
const PATTERNS = 30;

interface History {
  /** The numbers of the users. */
  users: readonly number[];
  /** The number of dates before `today`. */
  days: number;
  today: string;
}

/**
 * Inserts an activity for each of the dates before today, except every 30th, with the sums and streaks that the service
 * keeps. All users are in UTC. The rows of a user lie scattered over the table of activities, as if recorded over time.
 */
export async function insertHistory(sql: Sql, { users, days, today }: History): Promise<void> {
  await sql`
    create temp table history as
    select md5('user ' || n) as user_id, n % ${PATTERNS}::int as pattern, d as days_ago,
      ${today}::date - d as local_date
    from unnest(${users as number[]}::int[]) n cross join generate_series(1, ${days}::int) d
    where (n + d) % ${PATTERNS}::int <> 0`;
  await sql`
    insert into activities (auth_user_id, event_id, verb, object_id, quantity, occurred_at, is_occurred_at_default,
      local_date, time_zone, recorded_at)
    select user_id, 'seed-' || days_ago, ${VERB}, 'lesson-' || days_ago, 1, at, false, local_date, 'UTC', at
    from history cross join lateral (select local_date::timestamp at time zone 'UTC' + interval '12 hours') as moment(at)
    order by days_ago desc`;
  await sql`
    insert into activity_days (auth_user_id, series, local_date, count, quantity)
    select user_id, series, local_date, 1, 1
    from history, unnest(array['all', ${`verb:${VERB}`}]) series order by days_ago desc`;
  await sql`
    insert into activity_totals (auth_user_id, series, count, quantity, days, objects)
    select user_id, series, count(*), count(*), count(*), case series when 'all' then 0 else count(*) end
    from history, unnest(array['all', ${`verb:${VERB}`}]) series group by user_id, series`;
  await insertStreaks(sql, { days, today });
  await sql`drop table history`;
}

/** Inserts the streaks as `advance` computes them for each pattern. */
async function insertStreaks(sql: Sql, { days, today }: Omit<History, 'users'>): Promise<void> {
  for (let pattern = 0; pattern < PATTERNS; pattern++) {
    const daysAgo = Array.from({ length: days }, (_, n) => days - n).filter((d) => (pattern + d) % PATTERNS !== 0);
    const { checkpoint, steps } = advance({
      dates: daysAgo.map((d) => addDays(today, -d)),
      timesPerWeek: null,
      isNeutral: () => false,
      today,
      checkpoint: null,
      now: `${today}T00:00:00Z`,
    });
    await sql`
      insert into streaks (auth_user_id, series, time_zone, checkpoint, through, forecast)
      select distinct user_id, 'all', 'UTC', ${JSON.stringify(checkpoint)}, ${checkpoint.through}::date,
        ${encodeSteps(steps)}
      from history where pattern = ${pattern}`;
  }
}
