import { invalidField } from '../errors.ts';
import { parseRowId } from './row-id.ts';

const USER_ID = /^[A-Za-z0-9][A-Za-z0-9._~:|@+-]{0,127}$/;
/** `me` addresses the viewer, and `activities` the activities of all users. */
const RESERVED = ['me', 'activities'];
/** Completes "must be ...". */
export const USER_ID_RULE =
  '1 to 128 characters of A-Z, a-z, 0-9 and ._~:|@+-, a letter or digit first, and not "me" or "activities"';

/**
 * Returns whether the value can be a user id of the auth-service. Such an id is an opaque, case-sensitive string from
 * an allow-list of characters that are safe in URLs and logs. Segments of REST paths are never ids.
 */
export function isUserId(value: unknown): value is string {
  return typeof value === 'string' && !RESERVED.includes(value) && USER_ID.test(value);
}

/**
 * Returns the value if it can be a user id.
 * @throws BAD_USER_INPUT naming `field`
 */
export function requireUserId(field: string, value: unknown): string {
  if (isUserId(value)) return value;
  throw invalidField(field, `${field} must be ${USER_ID_RULE}`);
}

/** Returns the id as REST sends it: a JSON number where the id is a safe integer, since the ids of v1 were integers. */
export function toUserIdResponse(id: string): number | string {
  return parseRowId(id) ?? id;
}
