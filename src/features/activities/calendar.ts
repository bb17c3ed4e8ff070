import { type DateRange, dateTest } from '../../lib/date-ranges.ts';
import { datesFrom, type LocalDate } from '../../lib/local-date.ts';

/** The sums of one date of a calendar. */
export interface CalendarDay {
  date: LocalDate;
  count: number;
  quantity: number;
  excused: boolean;
}

/**
 * The dates of a calendar with activities, with their number and the sum of their quantities, and its excused ranges.
 */
export interface CalendarData {
  days: [date: LocalDate, count: number, quantity: number][];
  excused: [from: LocalDate, to: LocalDate][];
}

/** Returns every date of the range. */
export function fillCalendar({ days, excused }: CalendarData, { from, to }: DateRange): CalendarDay[] {
  const sums = new Map(days.map(([date, count, quantity]) => [date, { count, quantity }]));
  const isExcused = dateTest(excused.map(([first, last]) => ({ from: first, to: last })));
  return datesFrom(from, to).map((date) => ({
    date,
    ...(sums.get(date) ?? { count: 0, quantity: 0 }),
    excused: isExcused(date),
  }));
}
