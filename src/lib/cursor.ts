import { parseRowId } from './row-id.ts';

/** Where a row stands in a list that is ordered by an instant and then by id. */
export interface Position {
  /** RFC 3339 in UTC, to the microsecond where there are any. */
  at: string;
  id: number;
}

/** PostgreSQL knows no year 0. */
const INSTANT = /^(?!0000)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$/;

/** An opaque cursor: clients must not look inside, and may send it back only as they got it. */
export function encodeCursor({ at, id }: Position): string {
  return Buffer.from(`${at} ${id}`).toString('base64url');
}

/** The position that a cursor stands for; undefined when this service cannot have made it. */
export function decodeCursor(cursor: string): Position | undefined {
  const [at = '', idText = '', ...rest] = Buffer.from(cursor, 'base64url').toString().split(' ');
  const id = parseRowId(idText);
  if (rest.length > 0 || id === undefined || !isInstant(at)) return undefined;
  return encodeCursor({ at, id }) === cursor ? { at, id } : undefined;
}

function isInstant(text: string): boolean {
  if (!INSTANT.test(text)) return false;
  const date = new Date(text);
  return !Number.isNaN(date.getTime()) && date.toISOString().slice(0, 19) === text.slice(0, 19);
}
