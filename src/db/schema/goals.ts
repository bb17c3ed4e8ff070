import {
  bigint,
  check,
  date,
  foreignKey,
  index,
  integer,
  pgTable,
  primaryKey,
  smallint,
  sql,
  text,
} from '../driver/drizzle.ts';
import { authUsers } from './auth-users.ts';
import { instant } from './columns.ts';

export const learningGoals = pgTable(
  'learning_goals',
  {
    authUserId: text('auth_user_id').notNull(),
    id: bigint({ mode: 'number' }).generatedByDefaultAsIdentity({ name: 'learning_goals_id_seq' }).notNull(),
    title: text().notNull(),
    description: text(),
    status: text({ enum: ['not-started', 'in-progress', 'paused', 'completed', 'archived'] }).notNull(),
    streakCount: integer('streak_count').notNull(),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
    completedAt: instant('completed_at'),
    version: integer().notNull().default(1),
    targetQuantity: integer('target_quantity'),
    dueOn: date('due_on', { mode: 'string' }),
    timesPerWeek: smallint('times_per_week'),
    /** The time of the last write of `streak_count` by a client; null until a version after 2.0.0 writes it. */
    streakWrittenAt: instant('streak_written_at'),
    /**
     * The local date of the first activity, from which on the streak is computed, and the days that the client counted.
     */
    firstActivityOn: date('first_activity_on', { mode: 'string' }),
    streakBase: integer('streak_base'),
  },
  (table) => [
    primaryKey({ name: 'learning_goals_auth_user_id_id_pkey', columns: [table.authUserId, table.id] }),
    foreignKey({
      name: 'learning_goals_auth_user_id_fkey',
      columns: [table.authUserId],
      foreignColumns: [authUsers.id],
    }),
    index('learning_goals_id_idx').on(table.id),
    index('learning_goals_auth_user_id_created_at_id_idx').on(
      table.authUserId,
      table.createdAt.desc().nullsFirst(),
      table.id.desc().nullsFirst(),
    ),
    check('learning_goals_title_check', sql`char_length(${table.title}) between 1 and 200`),
    check('learning_goals_description_check', sql`char_length(${table.description}) <= 2000`),
    check(
      'learning_goals_status_check',
      sql`${table.status} in ('not-started', 'in-progress', 'paused', 'completed', 'archived')`,
    ),
    check('learning_goals_streak_count_check', sql`${table.streakCount} >= 0`),
    check(
      'learning_goals_completed_at_check',
      sql`(${table.completedAt} is not null) = (${table.status} = 'completed')`,
    ),
    check('learning_goals_created_at_check', sql`isfinite(${table.createdAt})`),
    check('learning_goals_version_check', sql`${table.version} >= 1`),
    check('learning_goals_target_quantity_check', sql`${table.targetQuantity} between 1 and 1000000000`),
    check('learning_goals_times_per_week_check', sql`${table.timesPerWeek} between 1 and 7`),
  ],
);
