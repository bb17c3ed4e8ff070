import { badInput } from '../errors.ts';

const USER_ID = /^[A-Za-z0-9][A-Za-z0-9._~:|@+-]{0,127}$/;

/**
 * Whether this can be an auth-service's id of a person: an opaque, case-sensitive string from an allow-list of
 * characters, so that it can go into a URL or a log as it is. `me` names the caller in REST paths and is never an id.
 */
export function isUserId(value: unknown): value is string {
  return typeof value === 'string' && value !== 'me' && USER_ID.test(value);
}

/** @throws BAD_USER_INPUT naming `field` */
export function requireUserId(field: string, value: unknown): string {
  if (!isUserId(value)) throw badInput(field, `${field} is not the id of a person`);
  return value;
}
