import { check, integer, pgTable, primaryKey, sql, text } from '../driver/drizzle.ts';
import { instant } from './columns.ts';

/**
 * References to the auth-service's users, without any of their data. A user's writes lock the user's row. The counters
 * are the numbers of the user's rows in other tables; null is unknown (docs/decisions/0019-counters.md). Each change of
 * the user's tracked data increments the tracking version (docs/decisions/0022-tracking.md).
 */
export const authUsers = pgTable(
  'auth_users',
  {
    id: text().notNull(),
    firstSeenAt: instant('first_seen_at').notNull().default(sql`now()`),
    badgeCount: integer('badge_count'),
    goalCount: integer('goal_count'),
    trackingVersion: integer('tracking_version').notNull().default(0),
  },
  (table) => [
    primaryKey({ name: 'auth_users_pkey', columns: [table.id] }),
    check('auth_users_id_check', sql`${table.id} ~ '^[A-Za-z0-9][A-Za-z0-9._~:|@+-]{0,127}$'`),
  ],
);
