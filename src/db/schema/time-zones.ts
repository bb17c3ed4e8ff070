import { boolean, check, foreignKey, pgTable, primaryKey, sql, text } from '../driver/drizzle.ts';
import { authUsers } from './auth-users.ts';
import { instant } from './columns.ts';

/** The time zones of users, each in force until the next. Rows are only added. */
export const userTimeZones = pgTable(
  'user_time_zones',
  {
    authUserId: text('auth_user_id').notNull(),
    effectiveFrom: instant('effective_from').notNull(),
    timeZone: text('time_zone').notNull(),
    /** Whether it came with the claim `zoneinfo` of a token: the limit of changes counts the others. */
    isFromToken: boolean('is_from_token').notNull().default(false),
  },
  (table) => [
    primaryKey({
      name: 'user_time_zones_auth_user_id_effective_from_pkey',
      columns: [table.authUserId, table.effectiveFrom],
    }),
    foreignKey({
      name: 'user_time_zones_auth_user_id_fkey',
      columns: [table.authUserId],
      foreignColumns: [authUsers.id],
    }),
    check('user_time_zones_time_zone_check', sql`char_length(${table.timeZone}) between 1 and 64`),
  ],
);
