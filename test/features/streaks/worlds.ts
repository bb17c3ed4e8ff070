import fc from 'fast-check';
import { neutralDateTest, type StreakInput } from '../../../src/features/streaks/streak.ts';
import { shortDateTest, type ZoneChange, zoneAt } from '../../../src/features/streaks/zones.ts';
import { addDays, dateAt, datesFrom, type LocalDate } from '../../../src/lib/local-date.ts';

/** Fixed for reproducible runs. A failure prints the path to its counterexample. */
const SEED = Number(process.env.FC_SEED ?? 20_260_301);
const RUNS = 1000 * Number(process.env.FC_SCALE ?? 1);

export const HALF_HOUR_MS = 1_800_000;
const HALF_HOURS_PER_DAY = 48;
/** Changes of zone, excuses and now are within these days after the start of a world; simulations see all days. */
const FIRST_DAY = 35;
const LAST_DAY = 80;
const MIN_EVENT_DAY = 8;
export const SIMULATED_DAYS = 150;

/** Zones with unusual offsets or transitions. */
export const ZONES = [
  ...['UTC', 'America/New_York', 'America/Sao_Paulo', 'Africa/Cairo', 'Asia/Beirut', 'Australia/Lord_Howe'],
  ...['America/St_Johns', 'Pacific/Kiritimati', 'Pacific/Apia', 'Pacific/Honolulu', 'Pacific/Auckland'],
  ...['Europe/Bucharest', 'Asia/Kolkata'],
];

/** Each is 35 to 80 days before a transition or the end of an ISO year. */
const STARTS = [
  '2011-11-15',
  '2018-09-20',
  '2023-03-10',
  '2024-02-10',
  '2026-01-20',
  '2026-02-25',
  '2026-09-15',
  '2026-11-10',
];

/** A user's data, as the service stores them, and an instant. */
export interface World {
  start: LocalDate;
  history: ZoneChange[];
  /** Instants of activities. */
  events: string[];
  excused: { from: LocalDate; to: LocalDate }[];
  timesPerWeek: number | null;
  now: string;
}

export function instantOf(start: LocalDate, halfHours: number): string {
  return new Date(Date.parse(start) + halfHours * HALF_HOUR_MS).toISOString();
}

/** Returns the local dates of the events by the history: the set Q of section 3, in any order of the events. */
export function datesOf(events: readonly string[], history: readonly ZoneChange[]): LocalDate[] {
  return [...new Set(events.map((event) => dateAt(event, zoneAt(history, event))))].sort();
}

export function inputOf({ history, events, excused, timesPerWeek, now }: World): StreakInput {
  const isNeutral = neutralDateTest(excused, shortDateTest(history));
  const today = dateAt(now, zoneAt(history, now));
  return { dates: datesOf(events, history), timesPerWeek, isNeutral, today };
}

const time = (firstDay: number, lastDay: number) =>
  fc.integer({ min: firstDay * HALF_HOURS_PER_DAY, max: lastDay * HALF_HOURS_PER_DAY });

export const changes = fc.array(fc.record({ at: time(FIRST_DAY, LAST_DAY), timeZone: fc.constantFrom(...ZONES) }), {
  maxLength: 5,
});

/** Activity on most days or on every other day, at any time of a day. */
const activity = fc.constantFrom(2, 6).chain((freq) =>
  fc.array(fc.option(fc.integer({ min: 0, max: HALF_HOURS_PER_DAY - 1 }), { freq }), {
    maxLength: LAST_DAY - FIRST_DAY,
    size: 'max',
  }),
);

export const ranges = fc.array(
  fc.record({ day: fc.integer({ min: FIRST_DAY, max: LAST_DAY }), length: fc.integer({ min: 1, max: 12 }) }),
  { maxLength: 3 },
);

export const start = fc.constantFrom(...STARTS);
const timesPerWeek = fc.oneof(fc.constant(null), fc.integer({ min: 1, max: 7 }));

const flight = fc.option(fc.record({ before: fc.integer({ min: 0, max: 40 }), timeZone: fc.constantFrom(...ZONES) }), {
  freq: 2,
});

/** Worlds whose data are not later than now, except for events up to 5 minutes ahead. */
export const worlds: fc.Arbitrary<World> = fc
  .record({
    ...{ start, first: fc.constantFrom(...ZONES), changes, activity, ranges, timesPerWeek, flight },
    ...{ now: time(FIRST_DAY, LAST_DAY), isAhead: fc.boolean() },
  })
  .map(({ start, first, changes, activity, ranges, timesPerWeek, flight, now: end, isAhead }) => {
    const flights = flight === null ? [] : [{ at: end - flight.before, timeZone: flight.timeZone }];
    const events = activity.flatMap((at, i) => (at === null ? [] : [end - i * HALF_HOURS_PER_DAY - at]));
    const now = instantOf(start, end);
    return {
      start,
      now,
      timesPerWeek,
      history: [
        { effectiveFrom: '1970-01-01T00:00:00Z', timeZone: first },
        ...historyOf(start, [...changes, ...flights], end),
      ],
      events: events
        .filter((at) => at >= MIN_EVENT_DAY * HALF_HOURS_PER_DAY)
        .map((at) => instantOf(start, at))
        .concat(isAhead ? [new Date(Date.parse(now) + 299_000).toISOString()] : []),
      excused: rangesOf(start, ranges),
    };
  });

/** Returns the short dates from the first to the last date, both included. */
export function shortDates(history: readonly ZoneChange[], from: LocalDate, to: LocalDate): Set<LocalDate> {
  return new Set(datesFrom(from, to).filter(shortDateTest(history)));
}

export const daily = worlds.map((world): World => ({ ...world, timesPerWeek: null }));

export function historyOf(start: LocalDate, changes: { at: number; timeZone: string }[], end: number): ZoneChange[] {
  return changes
    .filter(({ at }) => at <= end)
    .sort((a, b) => a.at - b.at)
    .map(({ at, timeZone }) => ({ effectiveFrom: instantOf(start, at), timeZone }));
}

export function rangesOf(start: LocalDate, ranges: { day: number; length: number }[]) {
  return ranges.map(({ day, length }) => ({ from: addDays(start, day), to: addDays(start, day + length - 1) }));
}

/** Checks the property for 1,000 values. */
export function check<Value>(values: fc.Arbitrary<Value>, property: (value: Value) => void): void {
  const run = (value: Value) => {
    property(value);
  };
  fc.assert(fc.property(values, run), { seed: SEED, numRuns: RUNS });
}
