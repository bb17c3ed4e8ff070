import type { Sql, SqlFragment } from './admin-connection.ts';

/** Returns a query for users with their counters, and with the numbers of rows that these count. */
export function countedUsers(sql: Sql): SqlFragment {
  return sql`
    select u.id, u.badge_count, u.goal_count,
      (select count(*)::int from public.badges where auth_user_id = u.id and status = 'active') as badges,
      (select count(*)::int from public.learning_goals where auth_user_id = u.id) as goals
    from public.auth_users u`;
}
