import { AppError } from '../../errors.ts';
import { type DateRange, mergeRanges } from '../../lib/date-ranges.ts';
import { FieldReader } from '../../lib/field-reader.ts';
import { addDays, datesFrom, daysBetween, type LocalDate } from '../../lib/local-date.ts';
import { REASON } from '../../lib/text.ts';
import type { ExcuserRole } from '../tracking/state.ts';

/** A range of excused dates. */
export interface ExcusedDates extends DateRange {
  id: number;
  userId: string;
  reason: string | null;
  createdBy: ExcuserRole;
}

/** The part of a range that its creator chooses. */
export interface ExcusedDatesContent extends DateRange {
  reason: string | null;
}

/** Maximum ranges that are not void of the same user and of creators in the same role. */
const MAX_RANGES = 500;
/** Maximum distinct dates of these ranges: a streak that continues through all of them is computed date by date. */
const MAX_TOTAL_DATES = 5000;

/** Maximum dates of a range. */
const MAX_DATES = { user: 60, service: 366 } as const;
/** Dates that a user may excuse among any `YEAR` consecutive ones. */
export const MAX_DATES_IN_YEAR = 90;
const YEAR = 365;
/** Sums with later dates could leave the years that a date can have. */
const LAST_EXCUSABLE_DATE: LocalDate = '9998-12-31';

/**
 * Returns a range in the form in which it is stored. Its relation to today is not checked.
 * @throws BAD_USER_INPUT naming every invalid field
 */
export function readExcusedDates({ from, to, reason }: ExcusedDatesContent, role: ExcuserRole): ExcusedDatesContent {
  const fields = new FieldReader();
  fields.require(to >= from, 'to', 'must not be earlier than from');
  fields.require(to <= LAST_EXCUSABLE_DATE, 'to', `must not be later than ${LAST_EXCUSABLE_DATE}`);
  const max = MAX_DATES[role];
  fields.require(daysBetween(from, to) < max, 'to', `must be at most ${max - 1} days after from`);
  fields.require(role === 'user' || reason !== null, 'reason', 'is required with the scope streaks:write');
  const content = { from, to, reason: reason === null ? null : fields.text('reason', reason, REASON) };
  fields.throwIfInvalid();
  return content;
}

/**
 * Requires that a range may be added to those of the same role, so that ranges of a user never prevent a repair.
 * @throws LIMIT_REACHED when there are too many ranges, or too many distinct dates in them
 */
export function requireCapacity(ranges: readonly DateRange[], added: DateRange): void {
  if (ranges.length >= MAX_RANGES) {
    throw new AppError('LIMIT_REACHED', `At most ${MAX_RANGES} ranges may be excused: cancel one first`);
  }
  if (countDates([...ranges, added]) > MAX_TOTAL_DATES) {
    throw new AppError('LIMIT_REACHED', `At most ${MAX_TOTAL_DATES} different dates may be excused`);
  }
}

/** Counts the dates that are in at least one of the ranges. */
function countDates(ranges: readonly DateRange[]): number {
  return mergeRanges(ranges).reduce((sum, { from, to }) => sum + daysBetween(from, to) + 1, 0);
}

/** Returns whether the ranges have too many distinct dates among 365 consecutive ones of which some are in `added`. */
export function exceedsYear(ranges: readonly DateRange[], added: DateRange): boolean {
  const [first, last] = [addDays(added.from, 1 - YEAR), addDays(added.to, YEAR - 1)];
  const near = [...ranges, added].filter(({ from, to }) => to >= first && from <= last);
  const dates = mergeRanges(near).flatMap(({ from, to }) => datesFrom(from, to));
  return dates.some((date, index) => {
    const after = dates[index + MAX_DATES_IN_YEAR];
    return after !== undefined && daysBetween(date, after) < YEAR;
  });
}
