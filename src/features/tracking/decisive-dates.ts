import { addDays, type LocalDate } from '../../lib/local-date.ts';
import { type StreakInput, windowsReaching } from '../streaks/streak.ts';
import { UNORDERED_DAYS } from './activity.ts';

/** The dates whose first activities decide when a number of dates was reached. */
export interface DecisiveDates {
  dates: readonly LocalDate[];
  /** The number of dates before them. */
  before: number;
}

/** Returns the dates that decide when there were `count` dates; null when there are fewer. The dates are ascending. */
export function datesReaching(dates: readonly LocalDate[], count: number): DecisiveDates | null {
  const last = dates[count - 1];
  if (last === undefined) return null;
  const [from, to] = [addDays(last, -UNORDERED_DAYS), addDays(last, UNORDERED_DAYS)];
  const before = dates.findIndex((date) => date >= from);
  return { dates: dates.slice(before).filter((date) => date <= to), before };
}

/** A run of a daily streak that reached a length. */
export interface DecisiveRun {
  from: LocalDate;
  to: LocalDate;
  /** The dates of which the latest first activity completed the run. */
  dates: readonly LocalDate[];
}

/** Returns the runs of which one was the first to reach the length. */
export function runsReaching(input: Omit<StreakInput, 'timesPerWeek'>, length: number): DecisiveRun[] {
  const runs = Array.from(windowsReaching(input, length), (dates) => {
    const to = dates.at(-1) as LocalDate;
    return { from: dates[0] as LocalDate, to, dates: dates.filter((date) => date >= addDays(to, -UNORDERED_DAYS)) };
  });
  const first = runs[0];
  return first === undefined ? [] : runs.filter(({ to }) => to <= addDays(first.to, UNORDERED_DAYS));
}
