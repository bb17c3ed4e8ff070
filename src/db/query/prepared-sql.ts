import type { SQL } from 'drizzle-orm';
import type { Db } from '../client.ts';
import { type Decode, decodeInteger, decodeText } from './column-decoders.ts';
import { preparedQuery, type QueryOptions } from './prepared-query.ts';

/** Decoders of the values of a statement. Each decodes null as null. */
export const integer: Decode<number> = decodeInteger;
export const integerOrNull: Decode<number | null> = decodeInteger;
export const text: Decode<string> = decodeText;
export const textOrNull: Decode<string | null> = decodeText;

/** Returns the decoder of JSON. */
export function json<Value>(): Decode<Value> {
  return (bytes, start, end) => JSON.parse(decodeText(bytes, start, end));
}

/**
 * Returns a function that runs a statement in SQL as a prepared query.
 * @param decoders those of the values that the statement selects or returns, in the same order, by the names in a row
 */
export function preparedSql<Decoders extends Readonly<Record<string, Decode>>>(
  decoders: Decoders,
  statement: SQL,
  options?: QueryOptions,
) {
  return preparedQuery(decoders, (db) => builderOf(db, statement), options);
}

/** Returns drizzle's query without its promise, which would run it when it is awaited. */
function builderOf(db: Db, statement: SQL) {
  const query = db.execute(statement);
  return { toSQL: () => query.getQuery() };
}
