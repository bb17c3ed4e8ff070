import type { Fragment, Sql } from '../../db/maintenance.ts';
import type { RowsDone } from '../cli/progress-reporter.ts';
import type { Work } from '../postgres/table-locks.ts';
import { findProgress, type Migration, saveProgress } from '../state/migration-state.ts';
import {
  canCheckOwners,
  isKnownStatus,
  isPersonId,
  judgedRows,
  newValue,
  originalRow,
  replacements,
} from '../transform/transformed-values.ts';
import {
  type KeyType,
  nextBatch,
  type Old,
  oldTable,
  type PeopleTable,
  type Range,
  type RowTable,
  within,
} from '../v1/layout.ts';

export interface CopyOptions {
  migration: Migration;
  /** Rows of one transaction. */
  batchSize: number;
  /** Told at first, and after each batch, how far a table is. */
  onProgress(table: string, done: RowsDone): void;
}

interface Batch extends Range {
  old: Old;
  migration: Migration;
}

/**
 * References to the old tables' people, and nothing else about them. Those whose id no auth-service could have given
 * are noted among the orphans, by their id alone.
 */
export async function copyPeople(work: Work, options: CopyOptions): Promise<void> {
  for (const table of options.migration.shape.people) {
    await inBatches(work, { ...options, table, type: options.migration.shape.keyType }, async (batch) => {
      const { sql } = batch.old;
      const range = within(sql, sql`p.id`, { ...batch, type: batch.migration.shape.keyType });
      await sql`
        insert into public.auth_users (id, first_seen_at)
        select p.id::text, ${batch.migration.startedAt}::text::timestamptz
        from ${oldTable(batch.old, table)} p where ${range} and ${isPersonId(batch.old, sql`p.id`)}
        on conflict do nothing`;
      if (batch.migration.shape.keyType === 'uuid') return;
      await sql`
        insert into legacy.orphans (table_name, row_id, row_data, reason)
        select ${table}, p.id, jsonb_build_object('id', p.id), 'owner id not allowed'
        from ${oldTable(batch.old, table)} p where ${range} and not ${isPersonId(batch.old, sql`p.id`)}`;
    });
  }
}

/**
 * The rows of one of the old tables: each to its new table, with notes of what was replaced, or to the orphans. All of a
 * batch is one statement, so that its rows are read and judged once.
 */
export async function copyRows(work: Work, table: RowTable, options: CopyOptions): Promise<void> {
  const insert = table === 'badges' ? insertBadges : insertGoals;
  await inBatches(work, { ...options, table, type: 'bigint' }, async (batch) => {
    const { old } = batch;
    const { sql } = old;
    const rows = judgedRows(old, table, batch);
    if (!canCheckOwners(old, table)) await insertOwners(batch, rows);
    await sql`
      with judged as materialized (select * from ${rows}),
      orphaned as (
        insert into legacy.orphans (table_name, row_id, row_data, reason)
        select ${table}, o.id, ${originalRow(sql)}, o.orphan_reason from judged o where o.orphan_reason is not null),
      noted as (
        insert into legacy.value_notes (table_name, row_id, column_name, original, reason)
        select ${table}, o.id, n.column_name, n.original, n.reason
        from judged o cross join ${replacements(old, table)}
        where o.orphan_reason is null and n.reason is not null)
      ${insert(batch)}`;
  });
}

/** Those whom no table of people knows, and who are taken to exist. */
async function insertOwners({ old: { sql }, migration }: Batch, rows: Fragment): Promise<void> {
  await sql`
    insert into public.auth_users (id, first_seen_at)
    select distinct o.owner_key::text, ${migration.startedAt}::text::timestamptz
    from ${rows} where o.orphan_reason is null
    on conflict do nothing`;
}

/** Sorted as the indexes are, which spares a third of the time. */
function insertBadges({ old }: Batch): Fragment {
  const value = (column: string) => newValue(old, { table: 'badges', column });
  return old.sql`
    insert into public.badges (auth_user_id, id, name, description, icon_url, date_achieved, source)
    select o.owner_key::text, o.id, ${value('name')}, ${value('description')}, ${value('icon_url')},
      ${value('date_achieved')}, 'import'
    from judged o where o.orphan_reason is null
    order by o.owner_key, o.id`;
}

function insertGoals({ old, migration }: Batch): Fragment {
  const { sql } = old;
  const value = (column: string) => newValue(old, { table: 'learning_goals', column });
  const startedAt = sql`${migration.startedAt}::text::timestamptz`;
  const status = value('status');
  return sql`
    , noted_statuses as (
      insert into legacy.status_notes (goal_id, original)
      select o.id, o.status::text from judged o where o.orphan_reason is null and not ${isKnownStatus(sql)})
    insert into public.learning_goals (
      auth_user_id, id, title, description, status, streak_count, created_at, updated_at, completed_at)
    select o.owner_key::text, o.id, ${value('title')}, ${value('description')}, ${status}, ${value('streak_count')},
      ${startedAt}, ${startedAt}, case when ${status} = 'completed' then ${startedAt} end
    from judged o where o.orphan_reason is null
    order by o.owner_key, o.id`;
}

interface Walk extends CopyOptions {
  table: RowTable | PeopleTable;
  type: KeyType;
}

/**
 * Deals with a table batch after batch, from where it was left. Each batch is a transaction with the note of how far it
 * went, so that wherever this ends, it can go on. Where the server itself is lost so are, at most, the last batches with
 * their notes: their COMMIT does not wait for the disk.
 */
async function inBatches(work: Work, walk: Walk, copy: (batch: Batch) => Promise<void>): Promise<void> {
  const { table, migration, onProgress } = walk;
  const old = (sql: Sql): Old => ({ sql, schema: 'legacy', shape: migration.shape });
  const [counted] = await work.sql<{ rows: string }[]>`
    select count(*)::text as rows from ${oldTable(old(work.sql), table)}`;
  const rowsTotal = Number(counted?.rows ?? 0);
  let { lastId, rowsRead } = await findProgress(work.sql, table);
  for (;;) {
    onProgress(table, { rowsRead, rowsTotal });
    const next = await nextBatch(old(work.sql), { ...walk, after: lastId });
    if (next === null) return;
    await work.atomically(async (tx) => {
      await tx`select set_config('synchronous_commit', 'off', true), set_config('work_mem', '64MB', true)`;
      await copy({ old: old(tx), migration, after: lastId, upTo: next.lastId });
      await saveProgress(tx, { table, lastId: next.lastId, rows: next.rows });
    });
    lastId = next.lastId;
    rowsRead += next.rows;
  }
}
