import type { SQL } from 'drizzle-orm';
import { sql } from '../driver/drizzle.ts';

/** Returns a column of JSON text as its value. */
export function jsonColumn<Value>(expression: SQL): SQL<Value> {
  return sql<Value>`${expression}`.mapWith((text: string) => JSON.parse(text) as Value);
}

/**
 * Returns an instant of a JSON value as its columns are decoded: RFC 3339, UTC, without trailing zeros of the fraction.
 */
export function utcText(column: string): SQL {
  const digits = `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US')`;
  return sql.raw(`rtrim(rtrim(${digits}, '0'), '.') || 'Z'`);
}
