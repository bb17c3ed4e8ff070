import { HOUR_MS, instantMs, type LocalDate, shownMs } from '../../lib/local-date.ts';

/** A row of a user's zones: the zone in force from an instant (RFC 3339, UTC) until the next row. */
export interface ZoneChange {
  effectiveFrom: string;
  timeZone: string;
}

/** The zone in force before the first row. */
export const DEFAULT_TIME_ZONE = 'UTC';

/** A date that the user's clock shows for less than this is short. */
const SHORT_DATE_MS = 20 * HOUR_MS;

/** Returns the zone in force at the instant (RFC 3339, UTC). The history is ascending. */
export function zoneAt(history: readonly ZoneChange[], instant: string): string {
  const time = instantMs(instant);
  const change = history.findLast(({ effectiveFrom }) => instantMs(effectiveFrom) <= time);
  return change?.timeZone ?? DEFAULT_TIME_ZONE;
}

/**
 * Returns a predicate that tells whether the user's own clock shows a date for less than 20 hours in all: on a flight east, or where the
 * zone skips a date. The last zone of the history continues without end.
 */
export function shortDateTest(history: readonly ZoneChange[]): (date: LocalDate) => boolean {
  const spans = zoneSpans(history);
  return (date) => {
    let shown = 0;
    for (const { timeZone, ...span } of spans) shown += shownMs(date, timeZone, span);
    return shown < SHORT_DATE_MS;
  };
}

function zoneSpans(history: readonly ZoneChange[]) {
  const changes = history.map(({ effectiveFrom, timeZone }) => ({ timeZone, from: instantMs(effectiveFrom) }));
  const zones = [{ timeZone: DEFAULT_TIME_ZONE, from: Number.NEGATIVE_INFINITY }, ...changes];
  return zones.map((zone, i) => ({ ...zone, until: zones[i + 1]?.from ?? Number.POSITIVE_INFINITY }));
}
