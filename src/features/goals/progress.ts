import { daysBetween, type LocalDate } from '../../lib/local-date.ts';
import { ratioOf } from '../../lib/ratio.ts';
import type { Goal } from './goal.ts';

/** The progress of a goal towards its target. */
export interface GoalProgress {
  /** The sum of the quantities of its activities, at most 2,147,483,647. */
  quantity: number;
  target: number;
  /** Rounded down to two decimals; 1 only when the target is reached. */
  ratio: number;
  /** The quantity that each date from today to `dueOn` needs; null without `dueOn`. */
  neededPerDay: number | null;
}

/** Returns the progress of a goal with a target. */
export function goalProgress(
  { dueOn }: Pick<Goal, 'dueOn'>,
  { quantity, target, today }: { quantity: number; target: number; today: LocalDate },
): GoalProgress {
  const ratio = ratioOf(quantity, target);
  const missing = Math.max(target - quantity, 0);
  return { quantity, target, ratio, neededPerDay: dueOn === null ? null : perDay(missing, { today, dueOn }) };
}

/** Returns all of the quantity from the due date on. */
function perDay(missing: number, { today, dueOn }: { today: LocalDate; dueOn: LocalDate }): number {
  const dates = Math.max(daysBetween(today, dueOn) + 1, 1);
  return Math.ceil(missing / dates);
}

/** Returns whether the goal, if it has the due date, can be overdue. */
export function canBeOverdue({ status }: Pick<Goal, 'status'>): boolean {
  return status !== 'completed' && status !== 'archived';
}
