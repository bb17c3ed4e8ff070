import type { TestDatabase } from '../../support/database.ts';

const STATEMENTS = [
  'drop function forget_counter() cascade',
  'alter table auth_users drop column badge_count, drop column goal_count, drop column tracking_version',
  `alter table badges drop column status, drop column definition_key, drop column definition_version,
    drop column award_key, drop column revoked_at, drop column revoked_reason`,
  `alter table learning_goals drop column target_quantity, drop column due_on, drop column times_per_week,
    drop column streak_written_at, drop column first_activity_on, drop column streak_base`,
  `drop table activities, activity_days, activity_totals, badge_backfills, badge_definition_revision,
    badge_definition_versions, badge_definitions, badge_evidence, excused_dates, streaks, user_time_zones`,
  'delete from drizzle.__drizzle_migrations where id > (select min(id) from drizzle.__drizzle_migrations)',
];

/** Restores the schema of version 2.0.0, which only the first migration has created. */
export async function undoLaterMigrations({ sql }: TestDatabase): Promise<void> {
  for (const statement of STATEMENTS) await sql.unsafe(statement);
}
