import type { Sql } from '../../db/admin-connection.ts';
import { getCheckpoint } from '../state/checkpoints.ts';
import type { Migration } from '../state/migration-state.ts';
import { type BatchOptions, findNextBatch, type IdRange } from '../v1/batches.ts';
import { type IdType, isOwnedTable, type V1Database, type V1Table } from '../v1/layout.ts';

export interface VerificationContext {
  sql: Sql;
  migration: Migration;
  options: BatchOptions;
}

/** Yields the ids of a v1 table in ranges of one batch each, and reports progress between them. */
export async function* idRanges(
  { sql, migration, options }: VerificationContext,
  table: V1Table,
): AsyncGenerator<IdRange & { type: IdType }> {
  const v1: V1Database = { sql, schema: 'legacy', layout: migration.layout };
  const type = isOwnedTable(table) ? 'bigint' : migration.layout.userIdType;
  const { rowsRead: rowsTotal } = await getCheckpoint(sql, table);
  let after: string | null = null;
  let rowsRead = 0;
  for (;;) {
    options.onProgress(table, { rowsRead, rowsTotal });
    const next = await findNextBatch(v1, { table, type, after, batchSize: options.batchSize });
    if (next === null) break;
    yield { after, upTo: next.lastId, type };
    after = next.lastId;
    rowsRead += next.rows;
  }
  // The current table may contain unexpected rows between the last v1 row and the highest v1 id.
  if (isOwnedTable(table)) yield { after, upTo: migration.maxV1Ids[table], type };
}
