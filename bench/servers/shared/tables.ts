import { bigint, integer, pgTable, text, timestamp } from 'drizzle-orm/pg-core';
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

export type Badge = typeof badges.$inferSelect;
export type Goal = typeof learningGoals.$inferSelect;

export const db = drizzle(postgres(DATABASE_URL, { max: 10 }));
