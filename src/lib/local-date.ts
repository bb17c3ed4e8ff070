import { Temporal } from 'temporal-polyfill';

/** A date of the proleptic Gregorian calendar, YYYY-MM-DD. Dates from 0001 to 9999 compare as texts. */
export type LocalDate = string;

export const FIRST_DATE: LocalDate = '0001-01-01';
export const LAST_DATE: LocalDate = '9999-12-31';

/** Instants from `from` on and before `until`, in milliseconds since 1970. */
export interface TimeSpan {
  from: number;
  until: number;
}

/** A span of one time zone in which its offset from UTC, in milliseconds, is constant. */
interface OffsetSpan extends TimeSpan {
  offset: number;
}

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

const MONTH_LENGTH = 'YYYY-MM-'.length;
/** Days that every month has. */
const SHORTEST_MONTH = 28;
const FULL_DATE = /^\d{4}-\d{2}-\d{2}$/;
export const MAX_ZONE_LENGTH = 64;
/** An IANA name; the runtime also accepts offsets such as `+02:00`, which begin with a sign. */
const ZONE_NAME = /^[A-Za-z][A-Za-z0-9_+/-]*$/;
/** No zone has ever been further from UTC; the most, 15:56, was in Manila until 1844. */
const MAX_OFFSET_MS = 16 * HOUR_MS;
/** Zones in the cache. There are about 600 names. */
const MAX_CACHED_ZONES = 1000;
/** Starts of dates in the cache: those near a transition of their zone, which take longest to compute. */
const MAX_CACHED_STARTS = 1000;

const offsetSpans = new Map<string, OffsetSpan[]>();
const starts = new Map<string, string>();

/** Returns whether the runtime knows the IANA name, in its exact spelling. Links are names; offsets are not. */
export function isTimeZone(name: string): boolean {
  if (name.length > MAX_ZONE_LENGTH || !ZONE_NAME.test(name)) return false;
  try {
    return new Temporal.ZonedDateTime(0n, name).timeZoneId === name;
  } catch {
    return false;
  }
}

/** Returns the text if it is an RFC 3339 full-date that exists, from 0001-01-01 to 9999-12-31. */
export function parseDate(text: string): LocalDate | undefined {
  if (!FULL_DATE.test(text) || text.startsWith('0000')) return undefined;
  const time = Date.parse(text);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text) ? text : undefined;
}

/** Returns the milliseconds since 1970 of an RFC 3339 instant, with its microseconds as a fraction. */
export function instantMs(instant: string): number {
  const micros = /\.\d{3}(\d{1,3})/.exec(instant)?.[1];
  return Date.parse(instant) + (micros === undefined ? 0 : Number(micros.padEnd(3, '0')) / 1000);
}

/** Returns the date that a clock of the zone shows at the instant. */
export function dateAt(instant: string | Date, timeZone: string): LocalDate {
  const time = typeof instant === 'string' ? Date.parse(instant) : instant.getTime();
  return dateOf(time + offsetSpanAt(timeZone, time).offset);
}

/** Returns a date that is not after the one of the instant (RFC 3339, UTC) in any zone. */
export function earliestDateAt(instant: string): LocalDate {
  const date = addDays(instant.slice(0, 'YYYY-MM-DD'.length), -1);
  return date > FIRST_DATE ? date : FIRST_DATE;
}

/** Returns the first instant of the date in the zone; for a date that the zone skips, the first instant after it. */
export function startOfDate(date: LocalDate, timeZone: string): string {
  const midnight = Date.parse(date);
  const { from, until, offset } = offsetSpanAt(timeZone, midnight);
  const isFarFromTransitions = from <= midnight - 2 * MAX_OFFSET_MS && midnight + 2 * MAX_OFFSET_MS < until;
  if (isFarFromTransitions) return `${new Date(midnight - offset).toISOString().slice(0, 19)}Z`;
  const key = `${date} ${timeZone}`;
  const known = starts.get(key);
  if (known !== undefined) return known;
  const start = Temporal.PlainDate.from(date).toZonedDateTime(timeZone).toInstant().toString();
  if (starts.size >= MAX_CACHED_STARTS) starts.clear();
  starts.set(key, start);
  return start;
}

/** Returns the first instant of the next date in the zone. */
export function endOfDate(date: LocalDate, timeZone: string): string {
  return startOfDate(addDays(date, 1), timeZone);
}

/** Returns the milliseconds for which a clock of the zone shows the date within the span. */
export function shownMs(date: LocalDate, timeZone: string, { from, until }: TimeSpan): number {
  const midnight = Date.parse(date);
  const end = Math.min(until, midnight + DAY_MS + MAX_OFFSET_MS);
  let shown = 0;
  for (let at = Math.max(from, midnight - MAX_OFFSET_MS); at < end; ) {
    const span = offsetSpanAt(timeZone, at);
    const first = Math.max(at, midnight - span.offset);
    const last = Math.min(end, span.until, midnight + DAY_MS - span.offset);
    shown += Math.max(0, last - first);
    at = span.until;
  }
  return shown;
}

/**
 * Returns the date that is this number of days later, or earlier if it is negative.
 * @throws RangeError when the result is not in the years 0000 to 9999
 */
export function addDays(date: LocalDate, days: number): LocalDate {
  if (days === 0) return date;
  const day = Number(date.slice(MONTH_LENGTH)) + days;
  const isInMonth = day >= 1 && day <= SHORTEST_MONTH;
  return isInMonth
    ? date.slice(0, MONTH_LENGTH) + String(day).padStart(2, '0')
    : dateOf(Date.parse(date) + days * DAY_MS);
}

/** Returns the days from the first date to the second; negative when the second is earlier. */
export function daysBetween(from: LocalDate, to: LocalDate): number {
  return (Date.parse(to) - Date.parse(from)) / DAY_MS;
}

/** Returns every date from the first to the last, both included. */
export function datesFrom(first: LocalDate, last: LocalDate): LocalDate[] {
  return Array.from({ length: Math.max(0, daysBetween(first, last) + 1) }, (_, days) => addDays(first, days));
}

/** Returns the Monday of the date's ISO 8601 week. */
export function mondayOf(date: LocalDate): LocalDate {
  return addDays(date, -((new Date(date).getUTCDay() + 6) % 7));
}

/** Returns the ISO 8601 week of the date, such as `2026-W10`. */
export function isoWeekKey(date: LocalDate): string {
  const thursday = addDays(mondayOf(date), 3);
  const year = thursday.slice(0, 4);
  const week = Math.floor(daysBetween(`${year}-01-01`, thursday) / 7) + 1;
  return `${year}-W${String(week).padStart(2, '0')}`;
}

/** The last date of `dateOf`: reads ask for the present date again and again. */
let lastDay = { number: 0, date: '1970-01-01' };

function dateOf(time: number): LocalDate {
  const number = Math.floor(time / DAY_MS);
  if (number === lastDay.number) return lastDay.date;
  const text = new Date(number * DAY_MS).toISOString();
  if (text.length > 24) throw new RangeError(`The date ${text} is not in the years 0000 to 9999.`);
  lastDay = { number, date: text.slice(0, 10) };
  return lastDay.date;
}

function offsetSpanAt(timeZone: string, time: number): OffsetSpan {
  const known = offsetSpans.get(timeZone);
  const found = known?.find(({ from, until }) => from <= time && time < until);
  if (found !== undefined) return found;
  const span = findOffsetSpan(timeZone, Math.floor(time));
  if (known !== undefined) known.push(span);
  else {
    if (offsetSpans.size >= MAX_CACHED_ZONES) offsetSpans.clear();
    offsetSpans.set(timeZone, [span]);
  }
  return span;
}

function findOffsetSpan(timeZone: string, time: number): OffsetSpan {
  const at = Temporal.Instant.fromEpochMilliseconds(time).toZonedDateTimeISO(timeZone);
  return {
    // The previous transition is one before the given instant, and the span may begin at that instant.
    from: at.add({ nanoseconds: 1 }).getTimeZoneTransition('previous')?.epochMilliseconds ?? Number.NEGATIVE_INFINITY,
    until: at.getTimeZoneTransition('next')?.epochMilliseconds ?? Number.POSITIVE_INFINITY,
    offset: at.offsetNanoseconds / 1e6,
  };
}
