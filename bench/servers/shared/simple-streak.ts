/** The streak of a user in UTC, as of the last date with activity. Days are counted since 1970-01-01. */
export interface SimpleStreak {
  current: number;
  longest: number;
  lastDay: number;
}

const DAY_MS = 86_400_000;

export function presentDay(): number {
  return Math.floor(Date.now() / DAY_MS);
}

export function isoDate(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

/** Returns the streak over all days with activity, which ascend. */
export function computeStreak(days: readonly number[]): SimpleStreak {
  const streak: SimpleStreak = { current: 0, longest: 0, lastDay: Number.NEGATIVE_INFINITY };
  for (const day of days) {
    streak.current = day === streak.lastDay + 1 ? streak.current + 1 : 1;
    streak.longest = Math.max(streak.longest, streak.current);
    streak.lastDay = day;
  }
  return streak;
}

/** Returns the streak as it is on the present day. */
export function presentStreak(streak: SimpleStreak | undefined) {
  if (streak === undefined) return { current: 0, longest: 0, status: 'NONE' };
  const { current, longest, lastDay } = streak;
  const today = presentDay();
  if (lastDay < today - 1) return { current: 0, longest, status: 'BROKEN' };
  return { current, longest, status: lastDay < today ? 'AT_RISK' : 'ACTIVE' };
}

interface CalendarSums {
  date: string;
  count: number;
  quantity: number;
}

/** Returns every date from the first to the last, with the sums of those that have activities. */
export function fillCalendar(sums: readonly CalendarSums[], { from, to }: { from: string; to: string }) {
  const byDate = new Map(sums.map((day) => [day.date, day]));
  const [first, last] = [Date.parse(from) / DAY_MS, Date.parse(to) / DAY_MS];
  return Array.from({ length: last - first + 1 }, (_, index) => {
    const date = isoDate(first + index);
    const { count = 0, quantity = 0 } = byDate.get(date) ?? {};
    return { date, count, quantity, excused: false };
  });
}
