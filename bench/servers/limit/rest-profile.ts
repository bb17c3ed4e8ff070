import { presentStreak, type SimpleStreak } from '../shared/simple-streak.ts';
import { sql } from './database.ts';
import { lookUpUser } from './lookup.ts';

/** Returns the profile of a user. The lookup and the queries run at the same time. */
export async function restProfile(userId: string): Promise<string> {
  const [{ id, username, displayName, avatarUrl }, badges, goals, [kept]] = await Promise.all([
    lookUpUser(userId),
    sql`
      select id, name, description, icon_url, date_achieved, auth_user_id from badges
      where auth_user_id = ${userId} order by date_achieved desc, id desc`,
    sql`
      select id, title, description, status, streak_count, auth_user_id, created_at, updated_at, target_quantity, due_on,
        times_per_week
      from learning_goals
      where auth_user_id = ${userId} order by created_at desc, id desc`,
    sql`
      select s.current, s.longest, s.last_day as "lastDay", t.days from peer_streaks s
      join activity_totals t on t.auth_user_id = s.auth_user_id and t.series = 'all' where s.auth_user_id = ${userId}`,
  ]);
  const { current, longest } = presentStreak(kept as SimpleStreak | undefined);
  const level = Math.min(Math.floor(badges.length / 5) + 1, 10);
  return JSON.stringify({
    id,
    username,
    display_name: displayName,
    avatar_url: avatarUrl,
    statistics: {
      total_badges: badges.length,
      total_goals: goals.length,
      level,
      current_streak: current,
      longest_streak: longest,
      active_days: kept?.days ?? 0,
    },
    badges,
    learning_goals: goals,
  });
}
