import { STATUS, sql, textArray } from './database.ts';

/** Returns the requested users with their first ten badges and goals. */
export async function entities({ r }: { r: { id: string }[] }): Promise<string> {
  const ids = textArray(r.map(({ id }) => id));
  const users = r.map(() => ({ badges: [] as object[], goals: [] as object[] }));
  const [badges, goals] = await Promise.all([
    sql`
      select requested.n, page.* from unnest(${ids}::text[]) with ordinality as requested(id, n) cross join lateral (
        select id, name, description, icon_url, date_achieved from badges
        where auth_user_id = requested.id order by date_achieved desc, id desc limit 10) as page`,
    sql`
      select requested.n, page.* from unnest(${ids}::text[]) with ordinality as requested(id, n) cross join lateral (
        select id, title, description, status, streak_count from learning_goals
        where auth_user_id = requested.id order by created_at desc, id desc limit 10) as page`,
  ]);
  for (const { n, id, name, description, icon_url: iconUrl, date_achieved: dateAchieved } of badges) {
    users[n - 1]?.badges.push({ id: String(id), name, description, iconUrl, dateAchieved });
  }
  for (const { n, id, title, description, status, streak_count: streakCount } of goals) {
    users[n - 1]?.goals.push({ id: String(id), title, description, status: STATUS[status], streakCount });
  }
  return JSON.stringify({ data: { _entities: users } });
}
