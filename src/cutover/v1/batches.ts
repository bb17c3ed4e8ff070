import type { Sql, SqlFragment } from '../../db/admin-connection.ts';
import { type IdType, type V1Database, type V1Table, v1Table } from './layout.ts';

/** The rows with `after < id <= upTo`. Null means unbounded. */
export interface IdRange {
  after: string | null;
  upTo: string | null;
}

export const ALL_IDS: IdRange = { after: null, upTo: null };

export interface TableProgress {
  rowsRead: number;
  rowsTotal: number;
}

export interface BatchOptions {
  /** Rows per batch. */
  batchSize: number;
  /** Called before the first batch of a table and after each batch. */
  onProgress(table: string, progress: TableProgress): void;
  /** Prints a line besides the progress. */
  print(line: string): void;
}

/** Returns the condition that `column` is in the range. `type` is the type of the column. */
export function inRange(sql: Sql, column: SqlFragment, { after, upTo, type }: IdRange & { type: IdType }): SqlFragment {
  const cast = sql.unsafe(type);
  const isAfter = after === null ? sql`true` : sql`${column} > ${after}::text::${cast}`;
  const isUpTo = upTo === null ? sql`true` : sql`${column} <= ${upTo}::text::${cast}`;
  return sql`(${isAfter} and ${isUpTo})`;
}

interface BatchStart {
  table: V1Table;
  type: IdType;
  after: string | null;
  batchSize: number;
}

/** Returns the last id and the row count of the next batch, or null when no row is left. */
export async function findNextBatch(
  v1: V1Database,
  { table, type, after, batchSize }: BatchStart,
): Promise<{ lastId: string; rows: number } | null> {
  const { sql } = v1;
  const range = inRange(sql, sql`id`, { after, upTo: null, type });
  const [last] = await sql<{ lastId: string; rows: number }[]>`
    select id::text as "lastId", n::int as rows from (
      select id, row_number() over (order by id) as n from ${v1Table(v1, table)}
      where ${range} order by id limit ${batchSize}::int) ids
    order by n desc limit 1`;
  return last ?? null;
}
