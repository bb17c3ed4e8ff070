import { sql } from './database.ts';
import { lookUpUser } from './lookup.ts';

/** Returns the profile of a user. The lookup and the queries run at the same time. */
export async function restProfile(userId: string): Promise<string> {
  const [{ id, username, displayName, avatarUrl }, badges, goals] = await Promise.all([
    lookUpUser(userId),
    sql`
      select id, name, description, icon_url, date_achieved, auth_user_id from badges
      where auth_user_id = ${userId} order by date_achieved desc, id desc`,
    sql`
      select id, title, description, status, streak_count, auth_user_id, created_at, updated_at from learning_goals
      where auth_user_id = ${userId} order by created_at desc, id desc`,
  ]);
  const level = Math.min(Math.floor(badges.length / 5) + 1, 10);
  return JSON.stringify({
    id,
    username,
    display_name: displayName,
    avatar_url: avatarUrl,
    statistics: { total_badges: badges.length, total_goals: goals.length, level },
    badges,
    learning_goals: goals,
  });
}
