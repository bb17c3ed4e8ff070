import { addDays, isoWeekKey, mondayOf } from '../../lib/local-date.ts';
import { type Repeat, RUN_KEY } from './definition.ts';

/** The dates whose activities count towards one award, and the key that makes the award unique for its user. */
export interface Period {
  /** Empty for `once`; `2026-W10`, `2026-03` or `run:2026-03-01` otherwise. */
  awardKey: string;
  /** The first and the last date, RFC 3339; null where the period has no end. */
  from: string | null;
  to: string | null;
}

/** The start of the award key of a run. */
const RUN = 'run:';

/** Returns the award key of the run that begins on the date. */
export const runKey = (startedOn: string): string => `${RUN}${startedOn}`;

const runKeyPattern = new RegExp(RUN_KEY);

/** Returns whether the key is that of a run. A badge that was awarded by hand can have any key. */
export function isRunKey(key: string): boolean {
  return runKeyPattern.test(key);
}

/**
 * Returns the period of an award.
 * @param date the local date of the deciding activity; for `per-streak` the first date of its run
 */
export function periodOf(repeat: Repeat, date: string): Period {
  if (repeat === 'weekly') return weekOf(date);
  if (repeat === 'monthly') return monthOf(date);
  if (repeat === 'per-streak') return { awardKey: runKey(date), from: date, to: null };
  return { awardKey: '', from: null, to: null };
}

/**
 * Returns the period of a key that a rule has awarded. That of a run has no last date: callers bound it by the deciding
 * activity.
 */
export function periodOfKey(repeat: Repeat, awardKey: string): Period {
  if (repeat === 'weekly') return weekOf(mondayOfWeek(awardKey));
  if (repeat === 'monthly') return monthOf(`${awardKey}-01`);
  return periodOf(repeat, awardKey.slice(RUN.length));
}

/** Returns the Monday of a week such as `2026-W10`. January 4 is always in the first week. */
function mondayOfWeek(week: string): string {
  const [year, number] = week.split('-W');
  return addDays(mondayOf(`${year}-01-04`), (Number(number) - 1) * 7);
}

function weekOf(date: string): Period {
  const monday = mondayOf(date);
  return { awardKey: isoWeekKey(date), from: monday, to: addDays(monday, 6) };
}

function monthOf(date: string): Period {
  const awardKey = date.slice(0, 7);
  const first = `${awardKey}-01`;
  const next = `${addDays(first, 31).slice(0, 7)}-01`;
  return { awardKey, from: first, to: addDays(next, -1) };
}
