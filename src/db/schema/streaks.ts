import { date, foreignKey, pgTable, primaryKey, smallint, text } from '../driver/drizzle.ts';
import { authUsers } from './auth-users.ts';

/**
 * The streaks of users, by series: `all`, and `goal:<id>` of goals with activities. A write computes `forecast`, the
 * values for each later date until they change no more, so that a read takes one row.
 */
export const streaks = pgTable(
  'streaks',
  {
    authUserId: text('auth_user_id').notNull(),
    series: text().notNull(),
    /** Null for a daily streak. */
    timesPerWeek: smallint('times_per_week'),
    /** The zone in force, which tells the present date. */
    timeZone: text('time_zone').notNull(),
    /** The state up to the date `through`, as JSON. Only imports, voids and excuses of earlier dates change it. */
    checkpoint: text().notNull(),
    /** The last date of the checkpoint; null when it covers none. */
    through: date({ mode: 'string' }),
    /** The steps of the value: a line for each, with its date and the value as JSON. */
    forecast: text().notNull(),
  },
  (table) => [
    primaryKey({ name: 'streaks_auth_user_id_series_pkey', columns: [table.authUserId, table.series] }),
    foreignKey({ name: 'streaks_auth_user_id_fkey', columns: [table.authUserId], foreignColumns: [authUsers.id] }),
  ],
);
