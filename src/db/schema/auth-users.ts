import { check, pgTable, primaryKey, sql, text } from '../driver/drizzle.ts';
import { instant } from './columns.ts';

/** References to the auth-service's users, without any of their data. A user's writes lock the user's row. */
export const authUsers = pgTable(
  'auth_users',
  {
    id: text().notNull(),
    firstSeenAt: instant('first_seen_at').notNull().default(sql`now()`),
  },
  (table) => [
    primaryKey({ name: 'auth_users_pkey', columns: [table.id] }),
    check('auth_users_id_check', sql`${table.id} ~ '^[A-Za-z0-9][A-Za-z0-9._~:|@+-]{0,127}$'`),
  ],
);
