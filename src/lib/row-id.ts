import { badInput } from '../errors.ts';

const ROW_ID = /^[1-9][0-9]{0,15}$/;

/** The number that a badge's or a goal's id stands for; undefined when the text is not a whole number from 1 to 2^53-1. */
export function parseRowId(text: string): number | undefined {
  const id = ROW_ID.test(text) ? Number(text) : undefined;
  return Number.isSafeInteger(id) ? id : undefined;
}

/** @throws BAD_USER_INPUT naming `field` */
export function requireRowId(field: string, text: string): number {
  const id = parseRowId(text);
  if (id === undefined) throw badInput(field, `${field} must be a whole number from 1 to ${Number.MAX_SAFE_INTEGER}`);
  return id;
}
