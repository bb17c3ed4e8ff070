import type { PostgresJsSession } from 'drizzle-orm/postgres-js';
import type postgres from 'postgres';
import { AppError } from '../../errors.ts';
import type { Db } from '../client.ts';
import { drizzle, fillPlaceholders, is, Placeholder } from '../driver/drizzle.ts';
import { type RowDecoder, type RowOf, rowDecoder, type Selection } from './row-decoder.ts';

/** Maximum size of a result, in bytes: several times that of the largest page with the longest texts. */
const MAX_RESULT_BYTES = 16_000_000;
/** Bytes that a row counts for besides its message or its texts: its object takes as much memory. */
export const ROW_BYTES = 150;
/** Length of the header of a DataRow message without its first byte: a length (Int32) and a field count (Int16). */
const ROW_HEADER_BYTES = 6;

/** Any of drizzle's query builders. */
interface QueryBuilder {
  toSQL(): { sql: string; params: unknown[] };
}

export interface QueryOptions {
  /**
   * Whether no query of the pool is sent on the same connection before this one ends. A write may wait for a lock, and
   * a write behind it would run even after the connection is lost.
   */
  isExclusive?: boolean;
}

/** An internal option of postgres.js, called when the query is sent: false ends the pipeline of the connection. */
const endsPipeline = () => false;

/** The options of a statement that writes outside a transaction. */
export const WRITE: QueryOptions = { isExclusive: true };

/** Builds queries without a database. */
const builder: Db = drizzle.mock();

/**
 * Returns a function that runs a prepared query on the pool or in a transaction. drizzle builds the SQL once, at the
 * first use; PostgreSQL prepares it once per connection; `rowDecoder` decodes the rows (docs/decisions/0006).
 * @param columns the columns that the query selects or returns, in the same order
 */
export function preparedQuery<Columns extends Selection>(
  columns: Columns,
  build: (db: Db) => QueryBuilder,
  { isExclusive = false }: QueryOptions = {},
) {
  let compiled: { text: string; params: unknown[]; decode: RowDecoder<RowOf<Columns>> } | undefined;
  return async (db: Db, values: Record<string, unknown>): Promise<RowOf<Columns>[]> => {
    if (compiled === undefined) {
      compiled = { ...withDistinctParameters(build(builder).toSQL()), decode: rowDecoder(columns) };
    }
    const { text, params, decode } = compiled;
    const parameters = fillPlaceholders(params, values) as postgres.SerializableParameter[];
    let bytes = 0;
    const row = (message: Buffer, start: number) => {
      bytes += message.readInt32BE(start - ROW_HEADER_BYTES) + ROW_BYTES;
      return bytes <= MAX_RESULT_BYTES ? decode(message, start) : null;
    };
    // NOTE: `row` is an option of our patch: postgres.js calls it for each row instead of parsing the row itself
    const options = {
      prepare: true,
      row,
      ...(isExclusive && { onexecute: endsPipeline }),
    } as postgres.UnsafeQueryOptions;
    const rows = await noteIfSent(driverOf(db).unsafe(text, parameters, options));
    if (bytes > MAX_RESULT_BYTES) throw new ResultTooLargeError();
    return rows as unknown as RowOf<Columns>[];
  };
}

/**
 * Returns a statement in which a placeholder is one parameter, however often it occurs. drizzle creates a parameter for
 * each occurrence, which the driver would send and PostgreSQL parse again.
 */
function withDistinctParameters({ sql: text, params }: ReturnType<QueryBuilder['toSQL']>) {
  const distinct: unknown[] = [];
  const numbers = params.map((param) => {
    const known = distinct.findIndex((other) => isSamePlaceholder(other, param));
    return known === -1 ? distinct.push(param) : known + 1;
  });
  return { text: text.replace(/\$(\d+)/g, (_, number) => `$${numbers[Number(number) - 1]}`), params: distinct };
}

function isSamePlaceholder(a: unknown, b: unknown): boolean {
  return is(a, Placeholder) && is(b, Placeholder) && a.name === b.name;
}

/** The errors of queries that had a connection. */
const sentErrors = new WeakSet<object>();

/** Returns whether the error is that of a prepared query that was sent, so that PostgreSQL may have run it. */
export function wasSent(error: unknown): boolean {
  return typeof error === 'object' && error !== null && sentErrors.has(error);
}

/** Makes the error of the query known to `wasSent`. Our patch of postgres.js sets `socket` as the query is sent. */
async function noteIfSent<Result>(query: PromiseLike<Result> & { socket?: unknown }): Promise<Result> {
  try {
    return await query;
  } catch (error) {
    if (query.socket !== undefined) sentErrors.add(error as object);
    throw error;
  }
}

/** The result of a query is larger than 16 MB. */
export class ResultTooLargeError extends AppError {
  constructor() {
    super('TOO_MUCH_DATA', `The requested lists have more than ${MAX_RESULT_BYTES / 1_000_000} MB: ask for fewer rows`);
  }
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
