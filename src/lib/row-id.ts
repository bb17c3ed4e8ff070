import { invalidField } from '../errors.ts';

const ROW_ID = /^[1-9][0-9]{0,15}$/;

/**
 * Returns the number that the text of an id stands for; undefined unless it is a canonical integer from 1 to 2^53-1.
 */
export function parseRowId(text: string): number | undefined {
  const id = ROW_ID.test(text) ? Number(text) : undefined;
  return Number.isSafeInteger(id) ? id : undefined;
}

/**
 * Returns the number that the text of an id stands for.
 * @throws BAD_USER_INPUT naming `field`
 */
export function requireRowId(field: string, text: string): number {
  const id = parseRowId(text);
  if (id === undefined) throw invalidField(field, `${field} must be an integer from 1 to ${Number.MAX_SAFE_INTEGER}`);
  return id;
}
