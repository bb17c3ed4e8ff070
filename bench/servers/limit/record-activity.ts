import { computeStreak, isoDate, presentDay, presentStreak } from '../shared/simple-streak.ts';
import { sql } from './database.ts';

interface NewActivity {
  userId: string;
  eventId: string;
  verb: string;
  objectId: string;
}

/**
 * Records an activity in a transaction that locks the user's row: inserts it, counts it, and computes the streak from
 * all dates. It pipelines statements that do not depend on one another, and evaluates no rules of badges.
 */
export async function recordActivity({ input }: { input: NewActivity }): Promise<string> {
  const { userId, eventId, verb, objectId } = input;
  const localDate = isoDate(presentDay());
  const now = new Date().toISOString();
  const series = `{all,verb:${verb}}`;
  const { id, streak } = await sql.begin(async (tx) => {
    const [, [activity], , , days] = await Promise.all([
      tx`select from auth_users where id = ${userId} for update`,
      tx`
        insert into activities (auth_user_id, event_id, verb, object_id, quantity, occurred_at, is_occurred_at_default,
          local_date, time_zone, recorded_at)
        values (${userId}, ${eventId}, ${verb}, ${objectId}, 1, ${now}, true, ${localDate}::text::date, 'UTC', ${now})
        returning id`,
      tx`
        insert into activity_days (auth_user_id, series, local_date, count, quantity)
        select ${userId}, series, ${localDate}::text::date, 1, 1 from unnest(${series}::text[]) series
        on conflict (auth_user_id, series, local_date) do update
          set count = activity_days.count + 1, quantity = activity_days.quantity + 1`,
      tx`
        insert into activity_totals (auth_user_id, series, count, quantity, days, objects)
        select ${userId}, series, 1, 1, 1, 1 from unnest(${series}::text[]) series
        on conflict (auth_user_id, series) do update
          set count = activity_totals.count + 1, quantity = activity_totals.quantity + 1`,
      tx`
        select local_date - date '1970-01-01' as day from activity_days
        where auth_user_id = ${userId} and series = 'all' order by local_date`,
    ]);
    const computed = computeStreak(days.map(({ day }) => day));
    await tx`
      insert into peer_streaks values (${userId}, ${computed.current}, ${computed.longest}, ${computed.lastDay})
      on conflict (auth_user_id) do update
        set current = excluded.current, longest = excluded.longest, last_day = excluded.last_day`;
    return { id: String(activity?.id), streak: presentStreak(computed) };
  });
  const payload = { activity: { id, localDate }, replayed: false, user: { streak }, badges: [] };
  return JSON.stringify({ data: { recordActivity: payload } });
}
