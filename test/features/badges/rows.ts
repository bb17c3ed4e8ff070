import type { TestDatabase } from '../../support/database.ts';

/**
 * Gives a person badges that are too many to make one by one: `Badge 1` is the oldest, and of every three neighbours the
 * date is the same, so that only their ids tell them apart.
 */
export async function insertBadges({ sql }: TestDatabase, userId: string, count: number): Promise<void> {
  await sql`insert into auth_users (id) values (${userId}) on conflict do nothing`;
  await sql`
    insert into badges (auth_user_id, name, description, icon_url, date_achieved)
    select ${userId}, 'Badge ' || n, 'Earned', '/icons/badge.svg', timestamptz '2026-01-01 00:00Z' + n / 3 * interval '1 s'
    from generate_series(1, ${count}::int) n order by n`;
}

/** Their names as a list shows them: from the newest to the oldest. */
export function badgeNames(newest: number, oldest = 1): string[] {
  return Array.from({ length: newest - oldest + 1 }, (_, i) => `Badge ${newest - i}`);
}
