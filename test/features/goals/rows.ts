import type { TestDatabase } from '../../support/database.ts';

const STATUSES = ['not-started', 'in-progress', 'paused', 'completed', 'archived'];

/**
 * Inserts many goals for a user. `Goal 1` is the oldest. `Goal n` has the status `STATUSES[n % 5]`. Three neighbours
 * share a date, so only their ids order them.
 */
export async function insertGoals({ sql }: TestDatabase, userId: string, count: number): Promise<void> {
  await sql`insert into auth_users (id) values (${userId}) on conflict do nothing`;
  await sql`
    insert into learning_goals (auth_user_id, title, status, streak_count, created_at, updated_at, completed_at)
    select ${userId}, 'Goal ' || n, status, 0, at, at, case status when 'completed' then at end
    from generate_series(1, ${count}::int) n,
      lateral (select (${STATUSES}::text[])[n % 5 + 1] as status, timestamptz '2026-01-01 00:00Z' + n / 3 * interval '1 s' as at) as goal
    order by n`;
}

/**
 * Returns the titles of the inserted goals in the order of a list, newest first, for the numbers that `matches`
 * accepts.
 */
export function goalTitles(newest: number, matches: (n: number) => boolean = () => true): string[] {
  return Array.from({ length: newest }, (_, i) => newest - i)
    .filter(matches)
    .map((n) => `Goal ${n}`);
}
