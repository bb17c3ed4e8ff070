import type { TransactionRunner } from '../postgres/transactions.ts';

/**
 * Sets the counters of all users, and collects the planner's statistics. The lock of the table comes before the
 * statement that counts, whose snapshot then has every row of the services that write already.
 */
export async function setCounters(runner: TransactionRunner): Promise<void> {
  await runner.transaction(async (tx) => {
    await tx`lock table public.auth_users in exclusive mode`;
    await tx`
      update public.auth_users u
      set badge_count = coalesce(b.rows, 0), goal_count = coalesce(g.rows, 0)
      from public.auth_users a
      left join (
        select auth_user_id, count(*)::int as rows from public.badges where status = 'active' group by 1
      ) b on b.auth_user_id = a.id
      left join (select auth_user_id, count(*)::int as rows from public.learning_goals group by 1) g
        on g.auth_user_id = a.id
      where u.id = a.id`;
    await tx`analyze public.auth_users, public.badges, public.learning_goals`;
  });
}
