import type { Sql } from '../../db/admin-connection.ts';
import type { V1Table } from '../v1/layout.ts';

/** How far a table has been copied, in order of id. */
interface Checkpoint {
  /** The id of the last copied row, or null before the first batch. */
  lastId: string | null;
  rowsRead: number;
}

export async function getCheckpoint(sql: Sql, table: V1Table): Promise<Checkpoint> {
  const [row] = await sql<{ lastId: string | null; rowsRead: string }[]>`
    select last_id as "lastId", rows_read::text as "rowsRead" from legacy.progress where table_name = ${table}`;
  return { lastId: row?.lastId ?? null, rowsRead: Number(row?.rowsRead ?? 0) };
}

/** Sets the last id of a table's checkpoint and adds `rows` to its row count. */
export async function advanceCheckpoint(
  tx: Sql,
  { table, lastId, rows }: { table: V1Table; lastId: string; rows: number },
): Promise<void> {
  await tx`
    insert into legacy.progress (table_name, last_id, rows_read) values (${table}, ${lastId}, ${rows}::bigint)
    on conflict (table_name) do update
    set last_id = excluded.last_id, rows_read = legacy.progress.rows_read + excluded.rows_read`;
}
