import type { Db } from '../../db/client.ts';
import { marksAsCounting } from '../../db/counters.ts';
import { sql } from '../../db/driver/drizzle.ts';
import { single, WRITE } from '../../db/query/prepared-query.ts';
import { integer, preparedSql } from '../../db/query/prepared-sql.ts';

/**
 * Locks the user's row before that of the goal, as every statement does that locks both. Data that were saved while it
 * waited for the user's row are not in its snapshot. Then the tracking version is another one, and it deletes nothing.
 */
const deleteQuery = preparedSql(
  { deleted: integer, staleCount: integer },
  sql`
    with seen as (select tracking_version from "auth_users" where "id" = ${sql.placeholder('userId')}),
    owner as materialized (
      select id, tracking_version from "auth_users" where "id" = ${sql.placeholder('userId')} for update),
    owned as (select owner.id from owner join seen using (tracking_version)),
    deleted as (
      delete from learning_goals g using owned
      where g.auth_user_id = owned.id and g.id = ${sql.placeholder('id')}::bigint and ${marksAsCounting}
        and g.version = coalesce(${sql.placeholder('version')}::int, g.version)
      returning g.auth_user_id as user_id, 'goal:' || g.id as series),
    deleted_streak as (
      delete from streaks s using deleted d where s.auth_user_id = d.user_id and s.series = d.series),
    deleted_totals as (
      delete from activity_totals t using deleted d where t.auth_user_id = d.user_id and t.series = d.series),
    deleted_days as (
      delete from activity_days a using deleted d where a.auth_user_id = d.user_id and a.series = d.series),
    counted as (
      update auth_users u set goal_count = u.goal_count - 1, tracking_version = u.tracking_version + 1
      from deleted d where u.id = d.user_id returning u.id)
    select (select count(*) from counted) as deleted,
      (select count(*) from owner) - (select count(*) from owned) as stale`,
  WRITE,
);

/**
 * Deletes a goal with the sums and the streak of its activities. The activities remain, and count overall. The result
 * is `stale`, and nothing is deleted, when other tracked data of the user were saved at the same time.
 * @param version the only version that is deleted; null for any
 */
export async function removeGoal(
  db: Db,
  goal: { userId: string; id: number; version: number | null },
): Promise<'deleted' | 'missing' | 'stale'> {
  const { deleted, staleCount } = single(await deleteQuery(db, goal));
  if (deleted > 0) return 'deleted';
  return staleCount > 0 ? 'stale' : 'missing';
}
