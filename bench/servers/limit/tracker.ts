import { fillCalendar, presentStreak } from '../shared/simple-streak.ts';
import { sql, textArray } from './database.ts';

type References = { r: { id: string }[] };

/** Returns the streaks of the requested users, which are kept with each activity. */
export async function streaks({ r }: References): Promise<string> {
  const rows = await sql`
    select auth_user_id, current, longest, last_day from peer_streaks
    where auth_user_id = any(${textArray(r.map(({ id }) => id))}::text[])`;
  const found = new Map(
    rows.map(({ auth_user_id, current, longest, last_day: lastDay }) => [auth_user_id, { current, longest, lastDay }]),
  );
  return JSON.stringify({ data: { _entities: r.map(({ id }) => ({ streak: presentStreak(found.get(id)) })) } });
}

/** Returns the numbers of badges of the requested users. */
export async function badgeCounts({ r }: References): Promise<string> {
  const rows = await sql`
    select auth_user_id, count(*)::int as count from badges
    where auth_user_id = any(${textArray(r.map(({ id }) => id))}::text[]) group by auth_user_id`;
  const found = new Map(rows.map(({ auth_user_id, count }) => [auth_user_id, count]));
  const users = r.map(({ id }) => ({ statistics: { totalBadges: found.get(id) ?? 0 } }));
  return JSON.stringify({ data: { _entities: users } });
}

/** Returns the calendar of the requested user. */
export async function calendar({ r, ...range }: References & { from: string; to: string }): Promise<string> {
  const sums = await sql<{ date: string; count: number; quantity: number }[]>`
    select local_date::text as date, count, quantity from activity_days
    where auth_user_id = ${r[0]?.id ?? ''} and series = 'all'
      and local_date between ${range.from}::text::date and ${range.to}::text::date`;
  return JSON.stringify({ data: { _entities: [{ activityCalendar: fillCalendar(sums, range) }] } });
}
