import { sql } from './database.ts';

/** All badges of one person, as the REST contract shows them. */
export async function restBadges(personId: string): Promise<string> {
  return JSON.stringify(
    await sql`
      select id, name, description, icon_url, date_achieved, auth_user_id from badges
      where auth_user_id = ${personId} order by date_achieved desc, id desc`,
  );
}
