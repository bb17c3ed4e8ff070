import { listMigratedTables } from '../../../src/db/migrations.ts';
import type { TestDatabase } from '../../support/database.ts';

const TABLES = ['auth_users', 'badges', 'learning_goals', 'idempotency_keys'];
const STATEMENTS = [
  'drop function forget_counter() cascade',
  'alter table auth_users drop column badge_count, drop column goal_count, drop column tracking_version',
  `alter table badges drop column status, drop column definition_key, drop column definition_version,
    drop column award_key, drop column revoked_at, drop column revoked_reason`,
  `alter table learning_goals drop column target_quantity, drop column due_on, drop column times_per_week,
    drop column streak_written_at, drop column first_activity_on, drop column streak_base`,
  'delete from drizzle.__drizzle_migrations where id > (select min(id) from drizzle.__drizzle_migrations)',
];

/** Restores the schema of version 2.0.0, which only the first migration has created. */
export async function undoLaterMigrations({ sql }: TestDatabase): Promise<void> {
  const later = (await listMigratedTables(sql)).filter((name) => !TABLES.includes(name));
  await sql`drop table ${sql(later)}`;
  for (const statement of STATEMENTS) await sql.unsafe(statement);
}
