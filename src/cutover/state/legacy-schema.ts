import type { Sql } from '../../db/admin-connection.ts';

/** The current tables whose deletions are logged, with their schema. */
export const LOGGED_TABLES = ['public.badges', 'public.learning_goals'];

/**
 * Creates the schema `legacy` with the tables for the state of the migration. The v1 tables are moved into it later.
 */
export async function createLegacySchema(tx: Sql): Promise<void> {
  await tx`create schema legacy`;
  await tx`comment on schema legacy is 'The v1 tables of the user-service and the state of their migration'`;
  await tx`
    create table legacy.migration (
      is_only boolean primary key default true check (is_only),
      era text not null, shape json not null, step text not null, moved json not null,
      had_drizzle boolean not null, bystanders json not null,
      badges_highest bigint not null, learning_goals_highest bigint not null,
      started_at timestamptz not null default now(), finished_at timestamptz)`;
  await tx`
    create table legacy.progress (table_name text primary key, last_id text, rows_read bigint not null default 0)`;
  await tx`create table legacy.status_notes (goal_id bigint primary key, original text)`;
  await tx`
    create table legacy.value_notes (
      table_name text, row_id bigint, column_name text, original text, reason text not null,
      primary key (table_name, row_id, column_name))`;
  await tx`
    create table legacy.orphans (
      table_name text, row_id bigint, row_data jsonb not null, reason text not null, primary key (table_name, row_id))`;
  await tx`
    create table legacy.deletions (
      table_name text not null, row_id bigint not null, deleted_at timestamptz not null default clock_timestamp(),
      role text not null default session_user, application text not null default current_setting('application_name'))`;
  await tx`create index deletions_row_idx on legacy.deletions (table_name, row_id)`;
}

/**
 * Logs each deletion from the current tables in `legacy.deletions` until the schema is dropped. Without the log, a goal
 * that its owner deleted would look like a lost row.
 */
export async function createDeletionTriggers(tx: Sql): Promise<void> {
  await tx`
    create function legacy.note_deletion() returns trigger language plpgsql security definer
    set search_path = pg_catalog, pg_temp as $$
    begin
      insert into legacy.deletions (table_name, row_id) values (tg_table_name, old.id);
      return null;
    end $$`;
  await tx`revoke execute on function legacy.note_deletion() from public`;
  for (const table of LOGGED_TABLES) {
    await tx`
      create trigger legacy_note_deletion after delete on ${tx(table)}
      for each row execute function legacy.note_deletion()`;
  }
}

export async function dropDeletionTriggers(tx: Sql): Promise<void> {
  for (const table of LOGGED_TABLES) await tx`drop trigger if exists legacy_note_deletion on ${tx(table)}`;
}

/** Drops the schema and the state in it. Fails when the schema contains objects that the migration did not create. */
export async function dropLegacySchema(tx: Sql): Promise<void> {
  await tx`
    drop table legacy.migration, legacy.progress, legacy.status_notes, legacy.value_notes, legacy.orphans,
      legacy.deletions`;
  await tx`drop function legacy.note_deletion()`;
  await tx`drop schema legacy`;
}
