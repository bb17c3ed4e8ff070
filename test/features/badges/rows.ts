import type { TestDatabase } from '../../support/database.ts';

/**
 * Inserts many badges for a user. `Badge 1` is the oldest. Three neighbours share a date, so only their ids order them.
 */
export async function insertBadges({ sql }: TestDatabase, userId: string, count: number): Promise<void> {
  await sql`insert into auth_users (id) values (${userId}) on conflict do nothing`;
  await sql`
    insert into badges (auth_user_id, name, description, icon_url, date_achieved)
    select ${userId}, 'Badge ' || n, 'Earned', '/icons/badge.svg', timestamptz '2026-01-01 00:00Z' + n / 3 * interval '1 s'
    from generate_series(1, ${count}::int) n order by n`;
}

/** Returns the names of the inserted badges in the order of a list: newest first. */
export function badgeNames(newest: number, oldest = 1): string[] {
  return Array.from({ length: newest - oldest + 1 }, (_, i) => `Badge ${newest - i}`);
}
