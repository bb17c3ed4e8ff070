import { type DateRange, dateTest } from '../../lib/date-ranges.ts';
import { addDays, LAST_DATE, type LocalDate, mondayOf } from '../../lib/local-date.ts';
import { memoizeByObject } from '../../lib/memoize-by-object.ts';

type StreakUnit = 'day' | 'week';
type StreakStatus = 'none' | 'active' | 'at-risk' | 'broken';

export interface StreakInput {
  /** The local dates with activity, ascending and distinct; with a checkpoint, those after it suffice. */
  dates: readonly LocalDate[];
  /** 1 to 7 for a weekly streak; null for a daily one. */
  timesPerWeek: number | null;
  isNeutral: (date: LocalDate) => boolean;
  /** The user's local date now. */
  today: LocalDate;
}

/** The part of a streak that a walk over its dates counts, in days or weeks. */
interface Walk {
  current: number;
  longest: number;
  /** The number of dates with activity. */
  totalDays: number;
  /** The first date of the run that `current` counts; weekly: a Monday. Null when `current` is 0. */
  startedOn: LocalDate | null;
  lastActiveOn: LocalDate | null;
  /** The last date that broke a run; weekly: a Sunday. */
  brokenOn: LocalDate | null;
}

/** The state of a walk after every date to `through`, a Sunday for a weekly streak; null before the first date. */
export interface Checkpoint extends Walk {
  through: LocalDate | null;
}

export interface StreakValue extends Walk {
  unit: StreakUnit;
  status: StreakStatus;
  /** `current` becomes 0 at the end of this date unless there is more activity. Null when `current` is 0. */
  expiresOn: LocalDate | null;
}

/** The value of a streak from a local date on, until the next step. */
export interface ForecastStep extends StreakValue {
  from: LocalDate;
}

/**
 * The part of a stored streak that a read needs. It has the values for later dates, as `encodeSteps` returns them, and
 * the zone that tells the present date.
 */
export interface StreakForecast {
  timeZone: string;
  forecast: string;
}

export const START: Checkpoint = {
  through: null,
  current: 0,
  longest: 0,
  totalDays: 0,
  startedOn: null,
  lastActiveOn: null,
  brokenOn: null,
};

type Periods = ReturnType<typeof periodsOf>;

/** A short date is neutral with fewer short dates than this among the dates before it. */
const MAX_SHORT_DATES = 2;
const DATES_BEFORE = 29;

/**
 * Returns a predicate that tells whether a date without activity leaves a streak as it is: an excused date, or a rare
 * short one. It memoizes its results, because a change tests the same dates for each streak of a user.
 */
export function neutralDateTest(
  excused: readonly DateRange[],
  isShort: (date: LocalDate) => boolean,
): (date: LocalDate) => boolean {
  const isRare = (date: LocalDate) => {
    let before = 0;
    for (let days = 1; days <= DATES_BEFORE; days++) if (isShort(addDays(date, -days))) before++;
    return before < MAX_SHORT_DATES;
  };
  const isExcused = dateTest(excused);
  const known = new Map<LocalDate, boolean>();
  return (date) => {
    const isNeutral = known.get(date) ?? (isExcused(date) || (isShort(date) && isRare(date)));
    known.set(date, isNeutral);
    return isNeutral;
  };
}

/** Returns the streak of a series without activities. */
export function noStreak(timesPerWeek: number | null): StreakValue {
  return streakAt({ dates: [], timesPerWeek, isNeutral: () => false, today: '1970-01-01' });
}

/** Returns the streak as it is on `today`: the same value from any checkpoint whose dates were over before `today`. */
export function streakAt(input: StreakInput, from: Checkpoint = START): StreakValue {
  const periods = periodsOf(input);
  const walk = walkDates(input, from);
  const unit = input.timesPerWeek === null ? 'day' : 'week';
  if (walk.current === 0) return { unit, ...walk, status: walk.longest === 0 ? 'none' : 'broken', expiresOn: null };
  const present = periods.of(input.today);
  let open = present;
  for (let first = present; walk.lastActiveOn !== null && first <= walk.lastActiveOn; first = periods.after(first)) {
    if (periods.qualifies(first)) open = periods.after(first);
  }
  const nextActive = nextIn(input.dates);
  while (periods.isSkipped(open)) {
    const active = periods.of(nextActive(periods.lastDate(open)));
    open = earlier(active, requiredFrom(periods.after(open), input));
  }
  return { unit, ...walk, status: open === present ? 'at-risk' : 'active', expiresOn: periods.lastDate(open) };
}

/** Returns the state of the walk from the checkpoint to the later of today and the last date with activity. */
export function walkDates(input: StreakInput, { through, ...from }: Checkpoint): Walk {
  const dates = through === null ? input.dates : input.dates.filter((date) => date > through);
  const lastActiveOn = dates.at(-1) ?? from.lastActiveOn;
  const walk: Walk = { ...from, lastActiveOn, totalDays: from.totalDays + dates.length };
  const horizon = lastActiveOn === null || lastActiveOn < input.today ? input.today : lastActiveOn;
  const periods = periodsOf(input);
  const nextActive = nextIn(dates);
  // A skipped period without activity changes nothing. While `current` is 0, no period without activity does.
  const periodAfter = (last: LocalDate) => {
    const active = periods.of(nextActive(last));
    return walk.current > 0 ? earlier(active, requiredFrom(periods.of(addDays(last, 1)), input)) : active;
  };
  for (let first = periodAfter(through ?? ''); first <= horizon; first = periodAfter(periods.lastDate(first))) {
    walkPeriod(walk, first, { periods, today: input.today });
  }
  return walk;
}

function walkPeriod(walk: Walk, first: LocalDate, { periods, today }: { periods: Periods; today: LocalDate }): void {
  const last = periods.lastDate(first);
  if (periods.qualifies(first)) {
    walk.startedOn ??= first;
    walk.current++;
    walk.longest = Math.max(walk.longest, walk.current);
    return;
  }
  const isOver = last < today;
  if (!isOver || periods.isSkipped(first) || walk.current === 0) return;
  walk.brokenOn = last;
  walk.startedOn = null;
  walk.current = 0;
}

/** Dates with activity of a daily streak, between which no date breaks it. */
export interface Run {
  startedOn: LocalDate;
  lastActiveOn: LocalDate;
  /** The number of dates with activity. */
  length: number;
}

type DailyInput = Omit<StreakInput, 'timesPerWeek'>;

/** Returns the runs of a daily streak in order: with a checkpoint, the one that it continues and those after it. */
export function runsOf({ dates, isNeutral, today }: DailyInput, from: Checkpoint = START): Run[] {
  const { through, startedOn, lastActiveOn, current } = from;
  const runs: Run[] = startedOn === null || lastActiveOn === null ? [] : [{ startedOn, lastActiveOn, length: current }];
  const continues = (last: LocalDate, date: LocalDate) => {
    const broken = breakAfter(last, isNeutral);
    return broken >= date || broken >= today;
  };
  for (const date of dates) {
    if (through !== null && date <= through) continue;
    const run = runs.at(-1);
    if (run !== undefined && continues(run.lastActiveOn, date)) {
      run.lastActiveOn = date;
      run.length++;
    } else runs.push({ startedOn: date, lastActiveOn: date, length: 1 });
  }
  return runs;
}

/** Returns the date at whose end a run breaks after its last date with activity: the first that is not neutral. */
export function breakAfter(last: LocalDate, isNeutral: DailyInput['isNeutral']): LocalDate {
  return requiredFrom(addDays(last, 1), { timesPerWeek: null, isNeutral });
}

/** The results of `requiredFrom`: a change computes each streak of a user over the same neutral dates. */
const knownRequired = memoizeByObject(
  (_isNeutral: StreakInput['isNeutral']) => new Map<StreakInput['timesPerWeek'], Map<LocalDate, LocalDate>>(),
);

/** Returns the first period from this one on that breaks a run when it has no activity: one that is not skipped. */
function requiredFrom(first: LocalDate, rule: Pick<StreakInput, 'timesPerWeek' | 'isNeutral'>): LocalDate {
  const byTimes = knownRequired(rule.isNeutral);
  const known = byTimes.get(rule.timesPerWeek) ?? new Map<LocalDate, LocalDate>();
  byTimes.set(rule.timesPerWeek, known);
  let found = known.get(first);
  if (found !== undefined) return found;
  const { isSkipped, after } = periodsOf({ ...rule, dates: [] });
  const skipped: LocalDate[] = [];
  let period = first;
  while (found === undefined && isSkipped(period)) {
    skipped.push(period);
    period = after(period);
    found = known.get(period);
  }
  found ??= period;
  for (const one of [...skipped, period]) known.set(one, found);
  return found;
}

const earlier = (a: LocalDate, b: LocalDate): LocalDate => (a < b ? a : b);

/**
 * Yields, for each run of a daily streak that reaches the length, its first `length` dates with activity. These dates
 * complete a rule on the length of a streak.
 */
export function* windowsReaching(input: DailyInput, length: number): Generator<readonly LocalDate[]> {
  let start = 0;
  for (const run of runsOf(input)) {
    if (run.length >= length) yield input.dates.slice(start, start + length);
    start += run.length;
  }
}

/** Returns the periods that a streak counts, each named by its first date: a date, or a week from Monday to Sunday. */
export function periodsOf({ dates, timesPerWeek, isNeutral }: Omit<StreakInput, 'today'>) {
  const active = new Set(dates);
  const needed = timesPerWeek ?? 1;
  const days = timesPerWeek === null ? 1 : 7;
  const count = (first: LocalDate, test: (date: LocalDate) => boolean) => {
    let passed = 0;
    for (let day = 0; day < days; day++) if (test(addDays(first, day))) passed++;
    return passed;
  };
  return {
    of: (date: LocalDate) => (timesPerWeek === null ? date : mondayOf(date)),
    lastDate: (first: LocalDate) => addDays(first, days - 1),
    after: (first: LocalDate) => addDays(first, days),
    qualifies: (first: LocalDate) => count(first, (date) => active.has(date)) >= needed,
    /**
     * Returns whether the period could not qualify: its dates with activity and those that are not neutral are too few.
     */
    isSkipped: (first: LocalDate) => count(first, (date) => active.has(date) || !isNeutral(date)) < needed,
  };
}

/**
 * Returns a function that gives the first of the ascending dates after a date, or the end of time; it only moves ahead.
 */
function nextIn(dates: readonly LocalDate[]): (after: LocalDate) => LocalDate {
  let next = 0;
  return (after) => {
    for (; next < dates.length; next++) {
      const date = dates[next];
      if (date !== undefined && date > after) return date;
    }
    return LAST_DATE;
  };
}
