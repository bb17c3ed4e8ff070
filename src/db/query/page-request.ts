import type { AnyColumn, SQL } from 'drizzle-orm';
import { invalidField } from '../../errors.ts';
import { type CursorKey, decodeCursor, MAX_CURSOR_LENGTH } from '../../lib/cursor.ts';
import { MAX_PAGE_SIZE, type PageRequest } from '../../lib/page.ts';
import { sql } from '../driver/drizzle.ts';

/** A page as a client asks for it. */
export interface PageArgs {
  first?: number | null | undefined;
  after?: string | null | undefined;
  /** Rows to skip, for the `skip` of v1 clients. */
  offset?: number | undefined;
}

/**
 * Validates the arguments of a page.
 * @param defaultSize the page size without `first`
 * @throws BAD_USER_INPUT unless `first` is 1 to 500 and `after` is one of our cursors
 */
export function readPageArgs({ first, after, offset }: PageArgs, defaultSize: number): PageRequest {
  const limit = first ?? defaultSize;
  if (limit < 1 || limit > MAX_PAGE_SIZE) throw invalidField('first', `first must be from 1 to ${MAX_PAGE_SIZE}`);
  return { limit, offset: offset ?? 0, after: after == null ? undefined : readCursor(after) };
}

function readCursor(cursor: string): CursorKey {
  if (cursor.length > MAX_CURSOR_LENGTH) {
    throw invalidField('after', `after must have at most ${MAX_CURSOR_LENGTH} characters`, 'too_long');
  }
  const key = decodeCursor(cursor);
  if (key === undefined) throw invalidField('after', 'after is not a cursor of this list');
  return key;
}

/** Returns the values of the placeholders of a page's query. Without a cursor the page starts at infinity. */
export function pageValues({ limit, offset, after }: PageRequest): Record<string, unknown> {
  return { limit, offset, afterAt: after?.at ?? 'infinity', afterId: after?.id ?? 0 };
}

/** Returns the condition for the rows after the cursor, newest first. An index that ends in (at, id) serves it. */
export function afterCursor(at: AnyColumn, id: AnyColumn): SQL {
  return sql`(${at}, ${id}) < (${sql.placeholder('afterAt')}::timestamptz, ${sql.placeholder('afterId')}::bigint)`;
}
