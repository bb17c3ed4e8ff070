import type { Sql } from '../../db/maintenance.ts';
import { Refusal } from '../cutover-error.ts';
import { hasTable } from '../postgres/catalog.ts';
import type { PeopleTable, RowTable, Shape } from '../v1/layout.ts';

/** What is being done, in this order; `analyze` is the planner's statistics of the new tables. */
export const STEPS = ['people', 'badges', 'learning_goals', 'analyze', 'done'] as const;
export type Step = (typeof STEPS)[number];

/** Something that was moved from `schema` into `legacy`. */
export interface Moved {
  kind: 'table' | 'sequence';
  schema: string;
  name: string;
}

export interface Migration {
  shape: Shape;
  step: Step;
  moved: Moved[];
  /** Whether the schema `drizzle` was there before, perhaps with the migrations of others. */
  hadDrizzle: boolean;
  /** Everything that was in `public` beside the old tables. */
  bystanders: string[];
  /** The highest id that the first version may have given to a row; new rows have higher ones. */
  highest: Record<RowTable, string>;
  /** PostgreSQL's text of the instants. */
  startedAt: string;
  finishedAt: string | null;
}

export interface Progress {
  /** The last row that has been dealt with; rows go by id. Null before the first. */
  lastId: string | null;
  rowsRead: number;
}

/** Where the old tables are now, with their schema. */
export function oldTables(moved: readonly Moved[]): string[] {
  return moved.filter(({ kind }) => kind === 'table').map(({ name }) => `legacy.${name}`);
}

/** The part of the schema `legacy` that is ours; the old tables are moved into it. */
export async function createBookkeeping(tx: Sql): Promise<void> {
  await tx`create schema legacy`;
  await tx`comment on schema legacy is 'The tables of the service''s first version, and how they were migrated'`;
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
 * From now on a deleted row of these tables leaves a note of who deleted it, until `legacy` is dropped: nothing else
 * could tell a goal that its owner has deleted from one that was lost.
 */
export async function watchDeletions(tx: Sql): Promise<void> {
  await tx`
    create function legacy.note_deletion() returns trigger language plpgsql security definer
    set search_path = pg_catalog, pg_temp as $$
    begin
      insert into legacy.deletions (table_name, row_id) values (tg_table_name, old.id);
      return null;
    end $$`;
  await tx`revoke execute on function legacy.note_deletion() from public`;
  for (const table of ['public.badges', 'public.learning_goals']) {
    await tx`
      create trigger legacy_note_deletion after delete on ${tx(table)}
      for each row execute function legacy.note_deletion()`;
  }
}

/**
 * Null when there is no migration here, neither under way nor finished.
 * @throws Refusal when a schema `legacy` is there that is not ours
 */
export async function findMigration(sql: Sql): Promise<Migration | null> {
  const [schema] = await sql`select to_regnamespace('legacy') is not null as found`;
  if (!schema?.found) return null;
  if (!(await hasTable(sql, 'legacy.migration'))) {
    throw new Refusal('There is a schema named legacy that this command has not made; rename it, and try again.');
  }
  const [row] = await sql`
    select shape, step, moved, had_drizzle, bystanders, badges_highest::text, learning_goals_highest::text,
      started_at::text, finished_at::text
    from legacy.migration`;
  if (row === undefined) throw new Refusal('The table legacy.migration is empty: somebody has changed it by hand.');
  return {
    shape: row.shape,
    step: row.step,
    moved: row.moved,
    hadDrizzle: row.had_drizzle,
    bystanders: row.bystanders,
    highest: { badges: row.badges_highest, learning_goals: row.learning_goals_highest },
    startedAt: row.started_at,
    finishedAt: row.finished_at,
  };
}

/** @throws Refusal where there is none */
export async function requireMigration(sql: Sql): Promise<Migration> {
  const migration = await findMigration(sql);
  if (migration) return migration;
  throw new Refusal('There is no schema legacy here: nothing has been migrated, or it has been finalized.');
}

export async function insertMigration(tx: Sql, migration: Omit<Migration, 'startedAt' | 'finishedAt'>): Promise<void> {
  const { shape, step, moved, hadDrizzle, bystanders, highest } = migration;
  await tx`
    insert into legacy.migration (era, shape, step, moved, had_drizzle, bystanders, badges_highest, learning_goals_highest)
    values (${shape.era}, ${JSON.stringify(shape)}::text::json, ${step}, ${JSON.stringify(moved)}::text::json, ${hadDrizzle},
      ${JSON.stringify(bystanders)}::text::json, ${highest.badges}::bigint, ${highest.learning_goals}::bigint)`;
}

export async function updateStep(tx: Sql, step: Step): Promise<void> {
  await tx`
    update legacy.migration
    set step = ${step}, finished_at = case when ${step}::text = 'done' then clock_timestamp() end`;
}

export async function findProgress(sql: Sql, table: RowTable | PeopleTable): Promise<Progress> {
  const [row] = await sql<{ lastId: string | null; rowsRead: string }[]>`
    select last_id as "lastId", rows_read::text as "rowsRead" from legacy.progress where table_name = ${table}`;
  return { lastId: row?.lastId ?? null, rowsRead: Number(row?.rowsRead ?? 0) };
}

export async function saveProgress(
  tx: Sql,
  { table, lastId, rows }: { table: RowTable | PeopleTable; lastId: string; rows: number },
): Promise<void> {
  await tx`
    insert into legacy.progress (table_name, last_id, rows_read) values (${table}, ${lastId}, ${rows}::bigint)
    on conflict (table_name) do update
    set last_id = excluded.last_id, rows_read = legacy.progress.rows_read + excluded.rows_read`;
}
