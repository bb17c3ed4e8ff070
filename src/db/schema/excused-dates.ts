import { bigint, check, date, foreignKey, index, pgTable, primaryKey, sql, text } from '../driver/drizzle.ts';
import { authUsers } from './auth-users.ts';
import { instant } from './columns.ts';

/**
 * Ranges of dates without which a streak continues. A cancellation makes a range void (`voided_at`) or ends it earlier
 * (`to_date`).
 */
export const excusedDates = pgTable(
  'excused_dates',
  {
    authUserId: text('auth_user_id').notNull(),
    id: bigint({ mode: 'number' }).generatedByDefaultAsIdentity({ name: 'excused_dates_id_seq' }).notNull(),
    fromDate: date('from_date', { mode: 'string' }).notNull(),
    toDate: date('to_date', { mode: 'string' }).notNull(),
    reason: text(),
    /** The role of the creator: the user, or a token with the scope `streaks:write`. */
    createdBy: text('created_by', { enum: ['user', 'service'] }).notNull(),
    createdAt: instant('created_at').notNull(),
    /** Set when the range is void or was shortened. */
    cancelledAt: instant('cancelled_at'),
    voidedAt: instant('voided_at'),
  },
  (table) => [
    primaryKey({ name: 'excused_dates_auth_user_id_id_pkey', columns: [table.authUserId, table.id] }),
    foreignKey({
      name: 'excused_dates_auth_user_id_fkey',
      columns: [table.authUserId],
      foreignColumns: [authUsers.id],
    }),
    index('excused_dates_id_idx').on(table.id),
    index('excused_dates_auth_user_id_from_date_id_idx')
      .on(table.authUserId, table.fromDate, table.id)
      .where(sql`${table.voidedAt} is null`),
    check('excused_dates_range_check', sql`${table.toDate} >= ${table.fromDate}`),
    check('excused_dates_reason_check', sql`char_length(${table.reason}) between 1 and 500`),
    check('excused_dates_created_by_check', sql`${table.createdBy} in ('user', 'service')`),
  ],
);
