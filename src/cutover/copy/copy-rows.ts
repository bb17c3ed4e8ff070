import type { SqlFragment } from '../../db/admin-connection.ts';
import type { TransactionRunner } from '../postgres/transactions.ts';
import { canCheckOwners, classifiedRows, isValidUserId, originalRow } from '../transform/classified-rows.ts';
import { isKnownStatus, replacedValues, transformedValue } from '../transform/transformed-values.ts';
import { inRange } from '../v1/batches.ts';
import { type OwnedTable, v1Table } from '../v1/layout.ts';
import { type Batch, type CopyOptions, forEachBatch } from './copy-batches.ts';

/**
 * Copies the ids of v1 users to `auth_users`. Rows with an invalid id become orphans, of which only the id is stored.
 */
export async function copyUsers(runner: TransactionRunner, options: CopyOptions): Promise<void> {
  const { userTables, userIdType } = options.migration.layout;
  for (const table of userTables) {
    await forEachBatch(runner, { ...options, table, type: userIdType }, async (batch) => {
      const { v1, migration } = batch;
      const { sql } = v1;
      const range = inRange(sql, sql`u.id`, { ...batch, type: userIdType });
      await sql`
        insert into public.auth_users (id, first_seen_at)
        select u.id::text, ${migration.startedAt}::text::timestamptz
        from ${v1Table(v1, table)} u where ${range} and ${isValidUserId(v1, sql`u.id`)}
        on conflict do nothing`;
      if (userIdType === 'uuid') return;
      await sql`
        insert into legacy.orphans (table_name, row_id, row_data, reason)
        select ${table}, u.id, jsonb_build_object('id', u.id), 'owner id not allowed'
        from ${v1Table(v1, table)} u where ${range} and not ${isValidUserId(v1, sql`u.id`)}`;
    });
  }
}

/**
 * Copies the rows of a v1 table to the current table or to `legacy.orphans`, and records the originals of replaced
 * values. A batch is one statement, so that each row is read and classified once.
 */
export async function copyRows(runner: TransactionRunner, table: OwnedTable, options: CopyOptions): Promise<void> {
  const insert = table === 'badges' ? insertBadges : insertGoals;
  await forEachBatch(runner, { ...options, table, type: 'bigint' }, async (batch) => {
    const { v1 } = batch;
    const { sql } = v1;
    const rows = classifiedRows(v1, table, batch);
    if (!canCheckOwners(v1, table)) await insertAssumedUsers(batch, rows);
    await sql`
      with classified as materialized (select * from ${rows}),
      orphaned as (
        insert into legacy.orphans (table_name, row_id, row_data, reason)
        select ${table}, o.id, ${originalRow(sql)}, o.orphan_reason from classified o where o.orphan_reason is not null),
      replaced_values as (
        insert into legacy.value_notes (table_name, row_id, column_name, original, reason)
        select ${table}, o.id, n.column_name, n.original, n.reason
        from classified o cross join ${replacedValues(v1, table)}
        where o.orphan_reason is null and n.reason is not null)
      ${insert(batch)}`;
  });
}

/** Inserts the owners that are in no user table and are assumed to exist. */
async function insertAssumedUsers({ v1: { sql }, migration }: Batch, rows: SqlFragment): Promise<void> {
  await sql`
    insert into public.auth_users (id, first_seen_at)
    select distinct o.owner_key::text, ${migration.startedAt}::text::timestamptz
    from ${rows} where o.orphan_reason is null
    on conflict do nothing`;
}

/** Inserts in the order of the indexes, so that consecutive rows go to the same index pages. */
function insertBadges({ v1 }: Batch): SqlFragment {
  const value = (column: string) => transformedValue(v1, { table: 'badges', column });
  return v1.sql`
    insert into public.badges (auth_user_id, id, name, description, icon_url, date_achieved, source)
    select o.owner_key::text, o.id, ${value('name')}, ${value('description')}, ${value('icon_url')},
      ${value('date_achieved')}, 'import'
    from classified o where o.orphan_reason is null
    order by o.owner_key, o.id`;
}

function insertGoals({ v1, migration }: Batch): SqlFragment {
  const { sql } = v1;
  const value = (column: string) => transformedValue(v1, { table: 'learning_goals', column });
  const startedAt = sql`${migration.startedAt}::text::timestamptz`;
  const status = value('status');
  return sql`
    , replaced_statuses as (
      insert into legacy.status_notes (goal_id, original)
      select o.id, o.status::text from classified o where o.orphan_reason is null and not ${isKnownStatus(sql)})
    insert into public.learning_goals (
      auth_user_id, id, title, description, status, streak_count, created_at, updated_at, completed_at)
    select o.owner_key::text, o.id, ${value('title')}, ${value('description')}, ${status}, ${value('streak_count')},
      ${startedAt}, ${startedAt}, case when ${status} = 'completed' then ${startedAt} end
    from classified o where o.orphan_reason is null
    order by o.owner_key, o.id`;
}
