import { AppError, type FieldProblem } from '../../errors.ts';
import type { CursorKey } from '../../lib/cursor.ts';
import { FieldReader } from '../../lib/field-reader.ts';
import type { TextRule } from '../../lib/text.ts';

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
  /** Set if and only if the status is `completed`. */
  completedAt: string | null;
  /** Starts at 1; each change increments it. */
  version: number;
}

/** The fields of a goal that its user chooses. */
export type GoalContent = Pick<Goal, 'title' | 'description' | 'status' | 'streakCount'>;

/** A goal's content as a client sends it, with null where the client sent null. */
export type GoalInput = { [Field in keyof GoalContent]?: GoalContent[Field] | null | undefined };

/** Each completes "Not authorized to ...". */
export const CREATE_GOAL = 'create a learning goal for this user';
export const UPDATE_GOAL = 'update this learning goal';
export const DELETE_GOAL = 'delete this learning goal';

export const GOAL_RULES = {
  title: { min: 1, max: 200 },
  description: { min: 0, max: 2000, multiline: true },
} as const satisfies Record<string, TextRule>;
export const MAX_STREAK_COUNT = 2_147_483_647;

const TRANSITIONS: Readonly<Record<GoalStatus, readonly GoalStatus[]>> = {
  'not-started': ['in-progress', 'completed', 'archived'],
  'in-progress': ['paused', 'completed', 'archived'],
  paused: ['in-progress', 'completed', 'archived'],
  completed: ['in-progress', 'archived'],
  archived: ['in-progress'],
};

/**
 * Returns the content of a new goal: `in-progress` with a streak count of 0 unless the input says otherwise.
 * @throws BAD_USER_INPUT naming every invalid field
 */
export function readNewGoal(input: GoalInput & { title: string }): GoalContent {
  return { description: null, status: 'in-progress', streakCount: 0, title: input.title, ...readGoalChange(input) };
}

/**
 * Returns the fields that an update sets. Fields that are absent from the input are absent from the result.
 * @throws BAD_USER_INPUT naming every invalid field; only `description` may be null
 */
export function readGoalChange(input: GoalInput): Partial<GoalContent> {
  const fields = new FieldReader();
  const change = readFields(fields, input);
  for (const field of ['title', 'status', 'streakCount'] as const) {
    fields.require(input[field] !== null, field, 'must not be null');
  }
  const { streakCount = 0 } = change;
  const isCount = Number.isInteger(streakCount) && streakCount >= 0 && streakCount <= MAX_STREAK_COUNT;
  fields.require(isCount, 'streakCount', `must be an integer from 0 to ${MAX_STREAK_COUNT}`);
  fields.throwIfInvalid();
  return change;
}

/** Returns the content of a goal. */
export function goalContent({ title, description, status, streakCount }: Goal): GoalContent {
  return { title, description, status, streakCount };
}

/** Returns the problems of the texts of an input whose types are not checked. */
export function goalProblems(input: Partial<Record<keyof GoalContent, unknown>>): FieldProblem[] {
  const fields = new FieldReader();
  readFields(fields, input as GoalInput);
  return fields.problems;
}

/**
 * Returns the goal with the change made at `now`, with the next version; the same object when nothing changes.
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

/** Returns the sort key of a goal in its user's list. */
export function goalCursorKey(goal: Goal): CursorKey {
  return { at: goal.createdAt, id: goal.id };
}

/** Returns a predicate for the version that the client expects; undefined when it expects none. */
export function hasVersion(expected: number | null | undefined): ((goal: Goal) => boolean) | undefined {
  return expected == null ? undefined : (goal) => goal.version === expected;
}

export function goalNotFound(): AppError {
  return new AppError('NOT_FOUND', 'Learning goal not found');
}

/** Reads the fields that are there; the nulls of other fields than `description` are left to the caller. */
function readFields(fields: FieldReader, input: GoalInput): Partial<GoalContent> {
  const { title, description, status, streakCount } = input;
  return {
    ...(title !== undefined && { title: fields.text('title', title, GOAL_RULES.title) }),
    ...(description !== undefined && {
      description: description === null ? null : fields.text('description', description, GOAL_RULES.description),
    }),
    ...(status != null && { status }),
    ...(streakCount != null && { streakCount }),
  };
}

function requireTransition(from: GoalStatus, to: GoalStatus): void {
  if (from === to || TRANSITIONS[from].includes(to)) return;
  throw new AppError('INVALID_TRANSITION', `Invalid status transition from ${from} to ${to}`, { field: 'status' });
}
