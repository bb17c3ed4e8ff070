import type { Sql } from '../../db/admin-connection.ts';
import type { TransactionRunner } from '../postgres/transactions.ts';
import { advanceCheckpoint, getCheckpoint } from '../state/checkpoints.ts';
import type { Migration } from '../state/migration-state.ts';
import { type BatchOptions, findNextBatch, type IdRange } from '../v1/batches.ts';
import { type IdType, type V1Database, type V1Table, v1Table } from '../v1/layout.ts';

export interface CopyOptions extends BatchOptions {
  migration: Migration;
}

export interface Batch extends IdRange {
  v1: V1Database;
  migration: Migration;
}

interface TableCopy extends CopyOptions {
  table: V1Table;
  type: IdType;
}

/**
 * Copies a table in batches, starting at its checkpoint. Each batch is a transaction that also advances the checkpoint,
 * so an interrupted copy can resume. The commits are asynchronous: a server crash may lose the last batches together
 * with their checkpoints. The last step sets the counters of users, so the triggers leave them alone.
 */
export async function forEachBatch(
  runner: TransactionRunner,
  tableCopy: TableCopy,
  copyBatch: (batch: Batch) => Promise<void>,
): Promise<void> {
  const { table, migration, onProgress } = tableCopy;
  const v1 = (sql: Sql): V1Database => ({ sql, schema: 'legacy', layout: migration.layout });
  const [counted] = await runner.sql<{ rows: string }[]>`
    select count(*)::text as rows from ${v1Table(v1(runner.sql), table)}`;
  const rowsTotal = Number(counted?.rows ?? 0);
  let { lastId, rowsRead } = await getCheckpoint(runner.sql, table);
  for (;;) {
    onProgress(table, { rowsRead, rowsTotal });
    const next = await findNextBatch(v1(runner.sql), { ...tableCopy, after: lastId });
    if (next === null) return;
    await runner.transaction(async (tx) => {
      await tx`select set_config('synchronous_commit', 'off', true), set_config('work_mem', '64MB', true),
        set_config('user_service.writer', 'counting', true)`;
      await copyBatch({ v1: v1(tx), migration, after: lastId, upTo: next.lastId });
      await advanceCheckpoint(tx, { table, lastId: next.lastId, rows: next.rows });
    });
    lastId = next.lastId;
    rowsRead += next.rows;
  }
}
