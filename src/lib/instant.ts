import { Temporal } from 'temporal-polyfill';
import { parseDate } from './local-date.ts';

/**
 * Returns an instant as the database returns it: RFC 3339, UTC, without trailing zeros of the fraction. The response of
 * a create is then the text of later reads.
 */
export function instantText(date: Date): string {
  return trimFraction(date.toISOString());
}

/** Returns an instant that has a fraction without the trailing zeros of the fraction. */
function trimFraction(instant: string): string {
  return instant.replace(/\.?0*Z$/, 'Z');
}

const RFC_3339 =
  /^(?<date>\d{4}-\d{2}-\d{2})[Tt](?<time>(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?:\.(?<fraction>\d{1,6})\d{0,3})?(?<zone>[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/**
 * Returns the instant in UTC, as the database returns it. Returns undefined unless the text is an RFC 3339 date-time
 * that exists. The text must have an offset and at most nine digits of a fraction, and be no leap second. Digits after
 * the sixth are cut, because PostgreSQL stores microseconds.
 */
export function parseInstant(text: string): string | undefined {
  const { date = '', time, fraction = '', zone = '' } = RFC_3339.exec(text)?.groups ?? {};
  if (parseDate(date) === undefined) return undefined;
  const seconds = new Date(`${date}T${time}${zone.toUpperCase()}`);
  const utc = seconds.toISOString();
  if (!/^(?!0000)\d{4}-/.test(utc)) return undefined;
  return trimFraction(`${utc.slice(0, 19)}.${fraction}Z`);
}

/** Returns the next instant that the database can store after this one. */
export function microsecondAfter(instant: string): string {
  return Temporal.Instant.from(instant).add({ microseconds: 1 }).toString();
}
