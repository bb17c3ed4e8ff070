import type { PostgresJsSession } from 'drizzle-orm/postgres-js';
import type postgres from 'postgres';
import type { Db } from './client.ts';
import { drizzle, fillPlaceholders } from './drizzle.ts';
import { type RowOf, type RowReader, rowReader, type Selection } from './row-reader.ts';

/** Any of drizzle's queries: they all can tell their SQL. */
interface Query {
  toSQL(): { sql: string; params: unknown[] };
}

/** Builds queries and has no database to run them on. */
const builder: Db = drizzle.mock();

/**
 * A statement that is built once, when it is first used, and that PostgreSQL prepares once for each connection. It runs
 * on the pool or in a transaction, with values for its placeholders, and gives its rows.
 *
 * drizzle builds it and knows the columns; from there on rows take the short way, by `rowReader`.
 * @param columns what the query selects or returns, in the same order
 */
export function statement<Columns extends Selection>(columns: Columns, build: (db: Db) => Query) {
  let compiled: { text: string; params: unknown[]; read: RowReader<RowOf<Columns>> } | undefined;
  return async (db: Db, values: Record<string, unknown>): Promise<RowOf<Columns>[]> => {
    if (compiled === undefined) {
      const { sql: text, params } = build(builder).toSQL();
      compiled = { text, params, read: rowReader(columns) };
    }
    const { text, params, read } = compiled;
    const filled = fillPlaceholders(params, values) as postgres.SerializableParameter[];
    // By our patch (patches/) rows go straight to `row`, which makes what the result is to hold of each.
    const options = { prepare: true, row: read } as postgres.UnsafeQueryOptions;
    return (await driverOf(db).unsafe(text, filled, options)) as unknown as RowOf<Columns>[];
  };
}

/** postgres.js below drizzle: the pool's or the transaction's. */
function driverOf(db: Db): postgres.Sql {
  return (db._.session as unknown as PostgresJsSession<postgres.Sql, never, never>).client;
}

/** PostgreSQL's text form of a `text[]`. Ids come from an allow-list, so that quoting is all they need. */
export function textArray(ids: readonly string[]): string {
  return `{${ids.map((id) => `"${id}"`).join(',')}}`;
}

/** PostgreSQL's text form of a `bigint[]`. */
export function bigintArray(ids: readonly number[]): string {
  return `{${ids.join(',')}}`;
}

/** The one row that a statement such as `insert ... returning` cannot fail to give. */
export function single<Row>(rows: readonly Row[]): Row {
  const [row] = rows;
  if (row === undefined || rows.length > 1) throw new Error(`expected one row, got ${rows.length}`);
  return row;
}
