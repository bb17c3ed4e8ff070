import type { LocalDate } from './local-date.ts';

/** Dates from the first to the last, both included. */
export interface DateRange {
  from: LocalDate;
  to: LocalDate;
}

/**
 * Returns a predicate that tells whether a date is in one of the ranges, which may overlap. It takes logarithmic time.
 */
export function dateTest(ranges: readonly DateRange[]): (date: LocalDate) => boolean {
  const overlaps = overlapTest(ranges);
  return (date) => overlaps(date, date);
}

/**
 * Returns a predicate that tells whether a date from `from` to `to` is in one of the ranges, which may overlap. It
 * takes logarithmic time.
 */
export function overlapTest(ranges: readonly DateRange[]): (from: LocalDate, to: LocalDate) => boolean {
  const disjoint = mergeRanges(ranges);
  return (from, to) => {
    let [first, end] = [0, disjoint.length];
    while (first < end) {
      const middle = (first + end) >> 1;
      if ((disjoint[middle] as DateRange).to < from) first = middle + 1;
      else end = middle;
    }
    const range = disjoint[first];
    return range !== undefined && range.from <= to;
  };
}

/** Returns the ranges in order, with those that overlap as one. */
export function mergeRanges(ranges: readonly DateRange[]): DateRange[] {
  const merged: DateRange[] = [];
  for (const { from, to } of ranges.toSorted((a, b) => (a.from < b.from ? -1 : 1))) {
    const last = merged.at(-1);
    if (last === undefined || last.to < from) merged.push({ from, to });
    else if (last.to < to) last.to = to;
  }
  return merged;
}
