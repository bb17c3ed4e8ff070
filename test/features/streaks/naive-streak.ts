import type { StreakValue } from '../../../src/features/streaks/streak.ts';
import type { LocalDate } from '../../../src/lib/local-date.ts';
import { HALF_HOUR_MS, SIMULATED_DAYS, type World } from './worlds.ts';

/**
 * An implementation of the rules of streaks that shares no code with the service. It reads the user's clock every half
 * hour, and walks over single dates.
 */
export function naiveStreak(world: World): StreakValue {
  const clock = clockOf(world);
  const short = shortDatesOf(world);
  const q = new Set(world.events.map((event) => clock(Date.parse(event))));
  const today = clock(Date.parse(world.now));
  const neutral = (date: LocalDate) => {
    if (world.excused.some(({ from, to }) => from <= date && date <= to)) return true;
    if (!short.has(date)) return false;
    return Array.from({ length: 29 }, (_, i) => plus(date, -1 - i)).filter((d) => short.has(d)).length < 2;
  };
  const rules = { q, today, neutral };
  return world.timesPerWeek === null ? dailyStreak(rules) : weeklyStreak(rules, world.timesPerWeek);
}

interface Rules {
  q: Set<LocalDate>;
  today: LocalDate;
  neutral: (date: LocalDate) => boolean;
}

/** The numbers of the four rules, by the first date of each period in order. */
type Marks = [first: LocalDate, last: LocalDate, rule: 1 | 2 | 3 | 4][];

function dailyStreak({ q, today, neutral }: Rules): StreakValue {
  const dates = [...q].sort();
  const max = dates.at(-1) ?? '';
  const ruleOf = (d: LocalDate) => {
    if (q.has(d)) return 1;
    if (d >= today) return 2;
    return neutral(d) ? 3 : 4;
  };
  const marks: Marks = [];
  const horizon = max > today ? max : today;
  for (let d = dates[0] ?? today; d <= horizon; d = plus(d, 1)) marks.push([d, d, ruleOf(d)]);
  let expiresOn = today;
  while (q.has(expiresOn) || expiresOn <= max || neutral(expiresOn)) expiresOn = plus(expiresOn, 1);
  const isActive = q.has(today) || max > today || neutral(today);
  return { unit: 'day', ...fold(marks, { dates, isActive, expiresOn }) };
}

function weeklyStreak({ q, today, neutral }: Rules, timesPerWeek: number): StreakValue {
  const dates = [...q].sort();
  const week = (monday: LocalDate) => Array.from({ length: 7 }, (_, i) => plus(monday, i));
  const qualifies = (monday: LocalDate) => week(monday).filter((d) => q.has(d)).length >= timesPerWeek;
  const skipped = (monday: LocalDate) => week(monday).filter((d) => q.has(d) || !neutral(d)).length < timesPerWeek;
  const ruleOf = (monday: LocalDate) => {
    if (qualifies(monday)) return 1;
    if (plus(monday, 6) >= today) return 2;
    return skipped(monday) ? 3 : 4;
  };
  const present = monday(today);
  const mondays = [...dates.map(monday), present].sort();
  const marks: Marks = [];
  for (let w = mondays[0] ?? present; w <= (mondays.at(-1) ?? ''); w = plus(w, 7))
    marks.push([w, plus(w, 6), ruleOf(w)]);
  const later = mondays.filter((w) => w >= present && qualifies(w));
  let expires = present;
  while (later.some((w) => w >= expires) || skipped(expires)) expires = plus(expires, 7);
  const isActive = later.length > 0 || skipped(present);
  return { unit: 'week', ...fold(marks, { dates, isActive, expiresOn: plus(expires, 6) }) };
}

interface Ends {
  dates: LocalDate[];
  /** Whether a streak that is not 0 is active. */
  isActive: boolean;
  expiresOn: LocalDate;
}

function fold(marks: Marks, { dates, isActive, expiresOn }: Ends): Omit<StreakValue, 'unit'> {
  const { run, ...walked } = runsOf(marks);
  const base = { ...walked, totalDays: dates.length, lastActiveOn: dates.at(-1) ?? null, current: run.length };
  const [startedOn = null] = run;
  if (startedOn !== null) return { ...base, startedOn, expiresOn, status: isActive ? 'active' : 'at-risk' };
  return { ...base, startedOn, expiresOn: null, status: walked.longest === 0 ? 'none' : 'broken' };
}

function runsOf(marks: Marks) {
  let run: LocalDate[] = [];
  let [longest, brokenOn]: [number, LocalDate | null] = [0, null];
  for (const [first, last, rule] of marks) {
    if (rule === 1) longest = Math.max(longest, run.push(first));
    if (rule === 4 && run.length > 0) [run, brokenOn] = [[], last];
  }
  return { run, longest, brokenOn };
}

/** Returns the dates that the user's clock shows for less than 20 hours, except at the ends of the simulated time. */
export function shortDatesOf({ start, history }: Pick<World, 'start' | 'history'>): Set<LocalDate> {
  const halfHours = new Map<LocalDate, number>();
  for (let day = 3; day <= SIMULATED_DAYS - 3; day++) halfHours.set(plus(start, day), 0);
  const indexOf = (instant: string) => Math.max(0, (Date.parse(instant) - Date.parse(start)) / HALF_HOUR_MS);
  const zones = [{ effectiveFrom: '1970-01-01T00:00:00Z', timeZone: 'UTC' }, ...history];
  for (const [i, { effectiveFrom, timeZone }] of zones.entries()) {
    const until = zones[i + 1]?.effectiveFrom;
    const shown = datesShown(start, timeZone).slice(
      indexOf(effectiveFrom),
      until === undefined ? undefined : indexOf(until),
    );
    for (const date of shown) halfHours.set(date, (halfHours.get(date) ?? 0) + 1);
  }
  const inner = (date: LocalDate) => date >= plus(start, 3) && date <= plus(start, SIMULATED_DAYS - 3);
  return new Set([...halfHours].filter(([date, count]) => count < 40 && inner(date)).map(([date]) => date));
}

/** Returns a function from instants to the date that the user's clock shows then. */
export function clockOf({ start, history }: Pick<World, 'start' | 'history'>): (time: number) => LocalDate {
  return (time) => {
    let timeZone = 'UTC';
    for (const change of history) if (Date.parse(change.effectiveFrom) <= time) timeZone = change.timeZone;
    return datesShown(start, timeZone)[Math.floor((time - Date.parse(start)) / HALF_HOUR_MS)] ?? '';
  };
}

const tables = new Map<string, string[]>();

function datesShown(start: LocalDate, timeZone: string): string[] {
  const key = `${start} ${timeZone}`;
  const known = tables.get(key);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  const time = (at: number) => Date.parse(start) + at * HALF_HOUR_MS;
  const dates = Array.from({ length: SIMULATED_DAYS * 48 }, (_, at) => format.format(time(at)));
  tables.set(key, dates);
  return dates;
}

function plus(date: LocalDate, days: number): LocalDate {
  const moved = new Date(`${date}T12:00:00Z`);
  moved.setUTCDate(moved.getUTCDate() + days);
  return moved.toISOString().slice(0, 10);
}

function monday(date: LocalDate): LocalDate {
  let day = date;
  while (new Date(`${day}T12:00:00Z`).getUTCDay() !== 1) day = plus(day, -1);
  return day;
}
