import type { TestDatabase } from '../support/database.ts';

/** The longest description, of characters with four bytes each: 8 KB. */
const LONGEST = '😀'.repeat(2000);
/** Users with the maximum number of goals. */
const LARGE_USERS = 20;
const USERS = 1000;
const LARGE_LIST = 500;
const SMALL_LIST = 20;
export const TRACKED = 'tracked';

/**
 * Inserts the users `user-1` to `user-1000`, with 20 badges and goals each. The first 20 have 500, and the goals of
 * these have the longest descriptions. The goals of the user `tracked` have activities, so that their streak counts are
 * computed.
 */
export async function insertLargeLists(db: TestDatabase): Promise<void> {
  const { sql } = db;
  db.hasSharedRows = true;
  await sql`insert into auth_users (id) select 'user-' || u from generate_series(1, ${USERS}::int) u`;
  await sql`
    insert into learning_goals (auth_user_id, title, description, status, streak_count, created_at, updated_at)
    select 'user-' || u, 'goal ' || n, case when u <= ${LARGE_USERS}::int then ${LONGEST} else 'short' end, 'paused', 0, now(), now()
    from generate_series(1, ${USERS}::int) u,
      lateral generate_series(1, case when u <= ${LARGE_USERS}::int then ${LARGE_LIST}::int else ${SMALL_LIST}::int end) n`;
  await sql`
    insert into badges (auth_user_id, name, description, icon_url, date_achieved)
    select 'user-' || u, 'badge ' || n, 'x', '/x', now() - n * interval '1 second'
    from generate_series(1, ${USERS}::int) u,
      lateral generate_series(1, case when u <= ${LARGE_USERS}::int then ${LARGE_LIST}::int else ${SMALL_LIST}::int end) n`;
  await sql`insert into auth_users (id) values (${TRACKED})`;
  await sql`
    insert into learning_goals
      (auth_user_id, title, status, streak_count, created_at, updated_at, first_activity_on, streak_base)
    select ${TRACKED}, 'goal ' || n, 'in-progress', 0, now(), now(), current_date, 0
    from generate_series(1, ${LARGE_LIST}::int) n`;
  await sql`analyze`;
}
