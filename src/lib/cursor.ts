import { parseInstant } from './instant.ts';

/** The sort key of a row in a list that is ordered by an instant and then by id (keyset pagination). */
export interface CursorKey {
  /** RFC 3339 in UTC, with up to six decimals. */
  at: string;
  id: number;
}

/** Maximum length of a cursor that a client sends; ours are shorter. */
export const MAX_CURSOR_LENGTH = 200;

/** Returns an opaque cursor. Its content is not part of the API. */
export function encodeCursor({ at, id }: CursorKey): string {
  return Buffer.from(`${at} ${id}`).toString('base64url');
}

/**
 * Returns the key that a cursor encodes; undefined unless `encodeCursor` returns this very cursor for it. Rows of v1
 * may have ids below 1.
 */
export function decodeCursor(cursor: string): CursorKey | undefined {
  const [at = '', idText = '', ...rest] = Buffer.from(cursor, 'base64url').toString().split(' ');
  const id = Number(idText);
  if (rest.length > 0 || !Number.isSafeInteger(id) || parseInstant(at) !== at) return undefined;
  return encodeCursor({ at, id }) === cursor ? { at, id } : undefined;
}
