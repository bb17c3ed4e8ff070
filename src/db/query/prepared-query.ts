import type { PostgresJsSession } from 'drizzle-orm/postgres-js';
import type postgres from 'postgres';
import type { Db } from '../client.ts';
import { drizzle, fillPlaceholders } from '../driver/drizzle.ts';
import { type RowDecoder, type RowOf, rowDecoder, type Selection } from './row-decoder.ts';

/** Any of drizzle's query builders. */
interface QueryBuilder {
  toSQL(): { sql: string; params: unknown[] };
}

/** Builds queries without a database. */
const builder: Db = drizzle.mock();

/**
 * Returns a function that runs a prepared query on the pool or in a transaction. drizzle builds the SQL once, at the first
 * use; PostgreSQL prepares it once per connection; `rowDecoder` decodes the rows (docs/decisions).
 * @param columns the columns that the query selects or returns, in the same order
 */
export function preparedQuery<Columns extends Selection>(columns: Columns, build: (db: Db) => QueryBuilder) {
  let compiled: { text: string; params: unknown[]; decode: RowDecoder<RowOf<Columns>> } | undefined;
  return async (db: Db, values: Record<string, unknown>): Promise<RowOf<Columns>[]> => {
    if (compiled === undefined) {
      const { sql: text, params } = build(builder).toSQL();
      compiled = { text, params, decode: rowDecoder(columns) };
    }
    const { text, params, decode } = compiled;
    const parameters = fillPlaceholders(params, values) as postgres.SerializableParameter[];
    // NOTE: `row` is an option of our patch: postgres.js calls it for each row instead of parsing the row itself
    const options = { prepare: true, row: decode } as postgres.UnsafeQueryOptions;
    return (await driverOf(db).unsafe(text, parameters, options)) as unknown as RowOf<Columns>[];
  };
}

/** Returns the postgres.js client of the pool or transaction. */
function driverOf(db: Db): postgres.Sql {
  return (db._.session as unknown as PostgresJsSession<postgres.Sql, never, never>).client;
}

/** Returns PostgreSQL's text form of a `text[]` of user ids or enum values, whose characters need no escaping. */
export function textArray(items: readonly string[]): string {
  return `{${items.map((item) => `"${item}"`).join(',')}}`;
}

/** Returns PostgreSQL's text form of a `bigint[]`. */
export function bigintArray(items: readonly number[]): string {
  return `{${items.join(',')}}`;
}

/** Returns the row of a query that cannot return another number of rows, such as `insert ... returning`. */
export function single<Row>(rows: readonly Row[]): Row {
  const [row] = rows;
  if (row === undefined || rows.length > 1) throw new Error(`expected 1 row, got ${rows.length}`);
  return row;
}
