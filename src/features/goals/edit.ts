import { AppError } from '../../errors.ts';
import { alternatives } from '../../lib/alternatives.ts';
import { enumName } from '../../lib/enum-name.ts';
import type { StreakForecast } from '../streaks/streak.ts';
import { CONTENT_FIELDS, type Goal, type GoalContent, type GoalStatus } from './goal.ts';

/** A goal as an update reads it. */
export interface EditableGoal extends Goal {
  /** The time of the last write of `streakCount` by a client; null when it is unknown. */
  streakWrittenAt: string | null;
  /** The goal's streak; null without activities. */
  storedStreak: StreakForecast | null;
}

/** The effects of an update on a goal. */
export interface GoalEdit {
  before: EditableGoal;
  /** The same object as `before` when nothing changes that clients see. */
  after: Goal;
  /** The time at which the update writes `streakCount`, also with the same value; null when it does not. */
  streakWrittenAt: string | null;
  /** Whether the goal has activities, so that a `streakCount` of the update is ignored. */
  isStreakCountIgnored: boolean;
  isCompleted: boolean;
  /** Whether the update changes the unit or the dates that the goal's streak needs. */
  isStreakChanged: boolean;
}

const TRANSITIONS: Readonly<Record<GoalStatus, readonly GoalStatus[]>> = {
  'not-started': ['in-progress', 'completed', 'archived'],
  'in-progress': ['paused', 'completed', 'archived'],
  paused: ['in-progress', 'completed', 'archived'],
  completed: ['in-progress', 'archived'],
  archived: ['in-progress'],
};

/** The local date begins at a full quarter of an hour in every zone, and only the date of a write matters. */
const QUARTER_MS = 900_000;

/**
 * Returns the effects of the change made at `now`. A goal that changes gets the next version.
 * @throws INVALID_TRANSITION
 */
export function editGoal(
  before: EditableGoal,
  { streakCount, ...fields }: Partial<GoalContent>,
  now: string,
): GoalEdit {
  const isComputed = before.firstActivityOn !== null;
  const isWritten = streakCount !== undefined && !isComputed;
  const after = changeGoal(before, isWritten ? { ...fields, streakCount } : fields, now);
  return {
    before,
    after,
    streakWrittenAt: isWritten && (after !== before || !isSameQuarter(before, now)) ? now : null,
    isStreakCountIgnored: streakCount !== undefined && isComputed,
    isCompleted: after.status === 'completed' && before.status !== 'completed',
    isStreakChanged: after.timesPerWeek !== before.timesPerWeek,
  };
}

function changeGoal(goal: Goal, change: Partial<GoalContent>, now: string): Goal {
  const changed = { ...goal, ...change };
  if (CONTENT_FIELDS.every((field) => changed[field] === goal[field])) return goal;
  requireTransition(goal.status, changed.status);
  const completedAt = changed.status === 'completed' ? (goal.completedAt ?? now) : null;
  return { ...changed, completedAt, updatedAt: now, version: goal.version + 1 };
}

function isSameQuarter({ streakWrittenAt, updatedAt }: EditableGoal, now: string): boolean {
  const quarterOf = (instant: string) => Math.floor(Date.parse(instant) / QUARTER_MS);
  return quarterOf(streakWrittenAt ?? updatedAt) === quarterOf(now);
}

function requireTransition(from: GoalStatus, to: GoalStatus): void {
  if (from === to || TRANSITIONS[from].includes(to)) return;
  const change = `Invalid status transition from ${enumName(from)} to ${enumName(to)}`;
  throw new AppError('INVALID_TRANSITION', `Invalid status transition from ${from} to ${to}`, {
    field: 'status',
    graphqlMessage: `${change}: expected ${alternatives(TRANSITIONS[from].map(enumName))}`,
  });
}
