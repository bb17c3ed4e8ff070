import type { TestDatabase } from '../../support/database.ts';

const STATUSES = ['not-started', 'in-progress', 'paused', 'completed', 'archived'];

/**
 * Gives a person goals that are too many to make one by one: `Goal 1` is the oldest, every fifth has the same status
 * (`Goal 1` is in progress, `Goal 2` paused and so on), and of every three neighbours the date is the same.
 */
export async function insertGoals({ sql }: TestDatabase, userId: string, count: number): Promise<void> {
  await sql`insert into auth_users (id) values (${userId}) on conflict do nothing`;
  await sql`
    insert into learning_goals (auth_user_id, title, status, streak_count, created_at, updated_at, completed_at)
    select ${userId}, 'Goal ' || n, status, 0, at, at, case status when 'completed' then at end
    from generate_series(1, ${count}::int) n,
      lateral (select (${STATUSES}::text[])[n % 5 + 1] as status, timestamptz '2026-01-01 00:00Z' + n / 3 * interval '1 s' as at)
    order by n`;
}

/** Their titles as a list shows them: from the newest to the oldest, those whose number fits. */
export function goalTitles(newest: number, fits: (n: number) => boolean = () => true): string[] {
  return Array.from({ length: newest }, (_, i) => newest - i)
    .filter(fits)
    .map((n) => `Goal ${n}`);
}
