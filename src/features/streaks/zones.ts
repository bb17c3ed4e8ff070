import {
  DAY_MS,
  endOfDate,
  FIRST_DATE,
  HOUR_MS,
  instantMs,
  type LocalDate,
  shownMs,
  startOfDate,
  type TimeSpan,
} from '../../lib/local-date.ts';

/** A row of a user's zones: the zone in force from an instant (RFC 3339, UTC) until the next row. */
export interface ZoneChange {
  effectiveFrom: string;
  timeZone: string;
}

/** The zone in force before the first row. */
export const DEFAULT_TIME_ZONE = 'UTC';

/**
 * An activity can have the date of another zone than the history gives for its instant. It may be minutes ahead of a
 * change of the zone, or the clocks of replicas differ. Governments change the zones themselves, mostly by an hour.
 */
const MARGIN_MS = 3 * HOUR_MS;
/** A date that the user's clock shows for less than this is short. */
const SHORT_DATE_MS = 20 * HOUR_MS;

/** Returns the zone in force at the instant (RFC 3339, UTC). The history is ascending. */
export function zoneAt(history: readonly ZoneChange[], instant: string): string {
  const time = instantMs(instant);
  const change = history.findLast(({ effectiveFrom }) => instantMs(effectiveFrom) <= time);
  return change?.timeZone ?? DEFAULT_TIME_ZONE;
}

/**
 * Returns a predicate that tells whether the user's own clock shows a date for less than 20 hours in all. That happens
 * on a flight east, and where the zone skips a date. The last zone of the history continues without end.
 */
export function shortDateTest(history: readonly ZoneChange[]): (date: LocalDate) => boolean {
  const spans = zoneSpans(history);
  return (date) => {
    let shown = 0;
    for (const { timeZone, ...span } of near(spans, date)) shown += shownMs(date, timeZone, span);
    return shown < SHORT_DATE_MS;
  };
}

/**
 * Returns a function that returns an instant (RFC 3339, UTC) before which no activity has a date. It is the first one
 * at which the user's own clock shows the date, less a margin. For a date that the clock does not show, it is a day
 * before midnight in UTC.
 */
export function firstInstants(history: readonly ZoneChange[]): (date: LocalDate) => string {
  const spans = zoneSpans(history).map(({ until, ...span }) => ({ ...span, until: until + MARGIN_MS }));
  return (date) => {
    const starts = near(spans, date).flatMap(({ timeZone, from, until }) => {
      const start = Math.max(from, instantMs(startOfDate(date, timeZone)));
      return start <= Math.min(until, instantMs(endOfDate(date, timeZone))) ? [start - MARGIN_MS] : [];
    });
    const first = starts.length > 0 ? Math.min(...starts) : Date.parse(date) - DAY_MS;
    // NOTE: PostgreSQL has no year 0
    return new Date(Math.max(first, Date.parse(FIRST_DATE))).toISOString();
  };
}

interface ZoneSpan extends TimeSpan {
  timeZone: string;
}

/** Returns the spans in which the clock of a zone can show the date: few, however many zones the history has. */
function near(spans: readonly ZoneSpan[], date: LocalDate): ZoneSpan[] {
  const midnight = Date.parse(date);
  return spans.filter(({ from, until }) => from < midnight + 2 * DAY_MS && until > midnight - DAY_MS);
}

function zoneSpans(history: readonly ZoneChange[]): ZoneSpan[] {
  const changes = history.map(({ effectiveFrom, timeZone }) => ({ timeZone, from: instantMs(effectiveFrom) }));
  const zones = [{ timeZone: DEFAULT_TIME_ZONE, from: Number.NEGATIVE_INFINITY }, ...changes];
  return zones.map((zone, i) => ({ ...zone, until: zones[i + 1]?.from ?? Number.POSITIVE_INFINITY }));
}
