import {
  bigint,
  boolean,
  check,
  date,
  foreignKey,
  index,
  integer,
  pgTable,
  primaryKey,
  sql,
  text,
  uniqueIndex,
} from '../driver/drizzle.ts';
import { authUsers } from './auth-users.ts';
import { instant } from './columns.ts';

export const activities = pgTable(
  'activities',
  {
    authUserId: text('auth_user_id').notNull(),
    id: bigint({ mode: 'number' }).generatedByDefaultAsIdentity({ name: 'activities_id_seq' }).notNull(),
    eventId: text('event_id').notNull(),
    // NOTE: the migration sets `n_distinct` of the verb and the object: a dominant one must not change plans
    verb: text().notNull(),
    objectId: text('object_id'),
    /** Not a foreign key: the activities of a deleted goal keep its id, which reads as null. */
    goalId: bigint('goal_id', { mode: 'number' }),
    quantity: integer().notNull(),
    occurredAt: instant('occurred_at').notNull(),
    /** Whether the client left `occurred_at` out. */
    isOccurredAtDefault: boolean('is_occurred_at_default').notNull(),
    /** The date of `occurred_at` in the user's time zone at that instant. */
    localDate: date('local_date', { mode: 'string' }).notNull(),
    timeZone: text('time_zone').notNull(),
    recordedAt: instant('recorded_at').notNull(),
    voidedAt: instant('voided_at'),
  },
  (table) => [
    primaryKey({ name: 'activities_auth_user_id_id_pkey', columns: [table.authUserId, table.id] }),
    foreignKey({ name: 'activities_auth_user_id_fkey', columns: [table.authUserId], foreignColumns: [authUsers.id] }),
    uniqueIndex('activities_auth_user_id_event_id_key').on(table.authUserId, table.eventId),
    index('activities_id_idx').on(table.id),
    index('activities_auth_user_id_occurred_at_id_idx').on(
      table.authUserId,
      table.occurredAt.desc().nullsFirst(),
      table.id.desc().nullsFirst(),
    ),
    index('activities_auth_user_id_verb_occurred_at_id_idx').on(
      table.authUserId,
      table.verb,
      table.occurredAt.desc().nullsFirst(),
      table.id.desc().nullsFirst(),
    ),
    index('activities_auth_user_id_verb_object_id_idx')
      .on(table.authUserId, table.verb, table.objectId)
      .where(sql`${table.objectId} is not null and ${table.voidedAt} is null`),
    check('activities_event_id_check', sql`char_length(${table.eventId}) between 1 and 100`),
    check('activities_verb_check', sql`${table.verb} ~ '^[a-z][a-z0-9_.-]{0,63}$'`),
    check('activities_object_id_check', sql`char_length(${table.objectId}) between 1 and 200`),
    check('activities_quantity_check', sql`${table.quantity} between 1 and 1000000`),
    check('activities_occurred_at_check', sql`isfinite(${table.occurredAt})`),
  ],
);

/**
 * The sums of a user's activities that are not void, by series and local date. The series are `all`, `goal:<id>` and
 * `verb:<verb>`; an activity belongs to two or three of them.
 */
export const activityDays = pgTable(
  'activity_days',
  {
    authUserId: text('auth_user_id').notNull(),
    series: text().notNull(),
    localDate: date('local_date', { mode: 'string' }).notNull(),
    count: integer().notNull(),
    quantity: bigint({ mode: 'number' }).notNull(),
  },
  (table) => [
    primaryKey({
      name: 'activity_days_auth_user_id_series_local_date_pkey',
      columns: [table.authUserId, table.series, table.localDate],
    }),
    foreignKey({
      name: 'activity_days_auth_user_id_fkey',
      columns: [table.authUserId],
      foreignColumns: [authUsers.id],
    }),
  ],
);

/** The sums of a user's activities that are not void, by series. */
export const activityTotals = pgTable(
  'activity_totals',
  {
    authUserId: text('auth_user_id').notNull(),
    series: text().notNull(),
    count: bigint({ mode: 'number' }).notNull(),
    quantity: bigint({ mode: 'number' }).notNull(),
    /** The number of distinct local dates. */
    days: integer().notNull(),
    /** The number of distinct objects; 0 for series other than verbs. */
    objects: integer().notNull(),
  },
  (table) => [
    primaryKey({ name: 'activity_totals_auth_user_id_series_pkey', columns: [table.authUserId, table.series] }),
    foreignKey({
      name: 'activity_totals_auth_user_id_fkey',
      columns: [table.authUserId],
      foreignColumns: [authUsers.id],
    }),
  ],
);
