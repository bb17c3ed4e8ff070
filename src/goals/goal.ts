import { AppError, badInput } from '../errors.ts';
import type { Position } from '../lib/cursor.ts';
import type { Page } from '../lib/page.ts';
import { normalizeText, textProblem } from '../lib/text.ts';

export const GOAL_STATUSES = ['not-started', 'in-progress', 'paused', 'completed', 'archived'] as const;
export type GoalStatus = (typeof GOAL_STATUSES)[number];

export interface Goal {
  id: number;
  userId: string;
  title: string;
  description: string | null;
  status: GoalStatus;
  streakCount: number;
  /** Instants are RFC 3339, UTC. */
  createdAt: string;
  updatedAt: string;
  /** Set while the status is `completed`, and only then. */
  completedAt: string | null;
  /** 1 at first; grows by one with every change. */
  version: number;
}

export interface GoalPage extends Page<Goal> {
  /** The states that the page was filtered by; all when undefined. */
  statuses: readonly GoalStatus[] | undefined;
}

/** What a person decides about a goal. */
export type GoalContent = Pick<Goal, 'title' | 'description' | 'status' | 'streakCount'>;

/** As it comes from outside: null where a client sent null. */
export type GoalInput = { [Field in keyof GoalContent]?: GoalContent[Field] | null | undefined };

/** Complete "Not authorized to ...". */
export const CREATE_GOAL = 'create a learning goal for this user';
export const UPDATE_GOAL = 'update this learning goal';
export const DELETE_GOAL = 'delete this learning goal';

const TITLE = { min: 1, max: 200 };
const DESCRIPTION = { min: 0, max: 2000, multiline: true };
const MAX_STREAK = 2_147_483_647;

const NEXT: Readonly<Record<GoalStatus, readonly GoalStatus[]>> = {
  'not-started': ['in-progress', 'completed', 'archived'],
  'in-progress': ['paused', 'completed', 'archived'],
  paused: ['in-progress', 'completed', 'archived'],
  completed: ['in-progress', 'archived'],
  archived: ['in-progress'],
};

/**
 * A new goal's content: `in-progress` with a streak of 0 unless the input says otherwise.
 * @throws BAD_USER_INPUT naming the first field at fault
 */
export function readNewGoal(input: GoalInput & { title: string }): GoalContent {
  return { description: null, status: 'in-progress', streakCount: 0, title: input.title, ...readGoalChange(input) };
}

/**
 * The fields that a change sets; those absent from the input are absent here.
 * @throws BAD_USER_INPUT naming the first field at fault; null is for `description` alone
 */
export function readGoalChange(input: GoalInput): Partial<GoalContent> {
  const { title, description, status, streakCount } = input;
  return {
    ...(title !== undefined && { title: readText('title', requireValue('title', title), TITLE) }),
    ...(description !== undefined && {
      description: description === null ? null : readText('description', description, DESCRIPTION),
    }),
    ...(status !== undefined && { status: requireValue('status', status) }),
    ...(streakCount !== undefined && { streakCount: readStreak(requireValue('streakCount', streakCount)) }),
  };
}

/**
 * The goal with the change made at `now`, one version on; the very same goal when nothing would change.
 * @throws INVALID_TRANSITION
 */
export function changeGoal(goal: Goal, change: Partial<GoalContent>, now: string): Goal {
  const changed = { ...goal, ...change };
  const fields = ['title', 'description', 'status', 'streakCount'] as const;
  if (fields.every((field) => changed[field] === goal[field])) return goal;
  requireTransition(goal.status, changed.status);
  const completedAt = changed.status === 'completed' ? (goal.completedAt ?? now) : null;
  return { ...changed, completedAt, updatedAt: now, version: goal.version + 1 };
}

/** Where a goal stands in its owner's list. */
export function goalPosition(goal: Goal): Position {
  return { at: goal.createdAt, id: goal.id };
}

/** Whether a goal is at the version that the caller expects; undefined when they expect none. */
export function hasVersion(expected: number | null | undefined): ((goal: Goal) => boolean) | undefined {
  return expected == null ? undefined : (goal) => goal.version === expected;
}

export function goalNotFound(): AppError {
  return new AppError('NOT_FOUND', 'Learning goal not found');
}

function requireTransition(from: GoalStatus, to: GoalStatus): void {
  if (from === to || NEXT[from].includes(to)) return;
  throw new AppError('INVALID_TRANSITION', `Invalid status transition from ${from} to ${to}`, { field: 'status' });
}

function requireValue<Value>(field: string, value: Value | null): Value {
  if (value === null) throw badInput(field, `${field} must not be null`);
  return value;
}

function readText(field: string, value: string, rule: typeof DESCRIPTION | typeof TITLE): string {
  const text = normalizeText(value);
  const problem = textProblem(text, rule);
  if (problem !== undefined) throw badInput(field, `${field} ${problem}`);
  return text;
}

function readStreak(count: number): number {
  if (Number.isInteger(count) && count >= 0 && count <= MAX_STREAK) return count;
  throw badInput('streakCount', `streakCount must be a whole number from 0 to ${MAX_STREAK}`);
}
