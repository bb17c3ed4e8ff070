import { sql } from './database.ts';

/** Returns all badges of a user. */
export async function restBadges(userId: string): Promise<string> {
  return JSON.stringify(
    await sql`
      select id, name, description, icon_url, date_achieved, auth_user_id from badges
      where auth_user_id = ${userId} order by date_achieved desc, id desc`,
  );
}
