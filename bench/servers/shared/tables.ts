import { bigint, boolean, date, integer, pgTable, text, timestamp } from 'drizzle-orm/pg-core';
import { drizzle } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';

const { DATABASE_URL = '' } = process.env;

// The tables of the service in the way of drizzle's documentation: instants are Dates.

const instant = (name: string) => timestamp(name, { withTimezone: true }).notNull();

export const authUsers = pgTable('auth_users', { id: text().primaryKey() });

export const badges = pgTable('badges', {
  authUserId: text('auth_user_id').notNull(),
  id: bigint({ mode: 'number' }).generatedByDefaultAsIdentity().notNull(),
  name: text().notNull(),
  description: text().notNull(),
  iconUrl: text('icon_url').notNull(),
  dateAchieved: instant('date_achieved'),
});

export const learningGoals = pgTable('learning_goals', {
  authUserId: text('auth_user_id').notNull(),
  id: bigint({ mode: 'number' }).generatedByDefaultAsIdentity().notNull(),
  title: text().notNull(),
  description: text(),
  status: text().notNull(),
  streakCount: integer('streak_count').notNull(),
  createdAt: instant('created_at'),
  updatedAt: instant('updated_at'),
});

export const activities = pgTable('activities', {
  authUserId: text('auth_user_id').notNull(),
  id: bigint({ mode: 'number' }).generatedByDefaultAsIdentity().notNull(),
  eventId: text('event_id').notNull(),
  verb: text().notNull(),
  objectId: text('object_id'),
  quantity: integer().notNull(),
  occurredAt: instant('occurred_at'),
  isOccurredAtDefault: boolean('is_occurred_at_default').notNull(),
  localDate: date('local_date', { mode: 'string' }).notNull(),
  timeZone: text('time_zone').notNull(),
  recordedAt: instant('recorded_at'),
});

export const activityDays = pgTable('activity_days', {
  authUserId: text('auth_user_id').notNull(),
  series: text().notNull(),
  localDate: date('local_date', { mode: 'string' }).notNull(),
  count: integer().notNull(),
  quantity: bigint({ mode: 'number' }).notNull(),
});

export const activityTotals = pgTable('activity_totals', {
  authUserId: text('auth_user_id').notNull(),
  series: text().notNull(),
  count: bigint({ mode: 'number' }).notNull(),
  quantity: bigint({ mode: 'number' }).notNull(),
  days: integer().notNull(),
  objects: integer().notNull(),
});

export const peerStreaks = pgTable('peer_streaks', {
  authUserId: text('auth_user_id').primaryKey(),
  current: integer().notNull(),
  longest: integer().notNull(),
  lastDay: integer('last_day').notNull(),
});

export type Badge = typeof badges.$inferSelect;
export type Goal = typeof learningGoals.$inferSelect;

export const db = drizzle(postgres(DATABASE_URL, { max: 10 }));
