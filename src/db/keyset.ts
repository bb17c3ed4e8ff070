import type { AnyColumn, SQL } from 'drizzle-orm';
import { badInput } from '../errors.ts';
import { decodeCursor, type Position } from '../lib/cursor.ts';
import { MAX_PAGE } from '../lib/page.ts';
import { sql } from './drizzle.ts';

/** As a caller asks for it. */
export interface PageArgs {
  first?: number | null | undefined;
  after?: string | null | undefined;
  /** How many to leave out, for the first version's `skip`. */
  offset?: number | undefined;
}

/** As a statement needs it. */
export interface Window {
  limit: number;
  offset: number;
  after: Position | undefined;
}

/**
 * @param fallback the page size when the caller sent null
 * @throws BAD_USER_INPUT unless `first` is 1 to 500 and `after` is a cursor of ours
 */
export function readWindow({ first, after, offset }: PageArgs, fallback: number): Window {
  const limit = first ?? fallback;
  if (limit < 1 || limit > MAX_PAGE) throw badInput('first', `first must be from 1 to ${MAX_PAGE}`);
  return { limit, offset: offset ?? 0, after: after == null ? undefined : readCursor(after) };
}

function readCursor(cursor: string): Position {
  const position = decodeCursor(cursor);
  if (position === undefined) throw badInput('after', 'after is not a cursor of this list');
  return position;
}

/** The values of the placeholders that `after` and a page's limit and offset stand for. */
export function windowParams({ limit, offset, after }: Window): Record<string, unknown> {
  return { limit, offset, afterAt: after?.at ?? 'infinity', afterId: after?.id ?? 0 };
}

/**
 * Rows that follow the cursor in a list that runs from the newest to the oldest. One condition, sargable on an index
 * that ends in (at, id), serves with and without a cursor: without one it starts at infinity.
 */
export function afterCursor(at: AnyColumn, id: AnyColumn): SQL {
  return sql`(${at}, ${id}) < (${sql.placeholder('afterAt')}::timestamptz, ${sql.placeholder('afterId')}::bigint)`;
}
