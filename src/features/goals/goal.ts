import { AppError, type FieldProblem } from '../../errors.ts';
import type { CursorKey } from '../../lib/cursor.ts';
import { FieldReader } from '../../lib/field-reader.ts';
import type { LocalDate } from '../../lib/local-date.ts';
import type { TextRule } from '../../lib/text.ts';

export const GOAL_STATUSES = ['not-started', 'in-progress', 'paused', 'completed', 'archived'] as const;
export type GoalStatus = (typeof GOAL_STATUSES)[number];

export interface Goal {
  id: number;
  userId: string;
  title: string;
  description: string | null;
  status: GoalStatus;
  /** Written by clients; from the first activity on computed, except in a goal that comes from the store. */
  streakCount: number;
  /** Instants are RFC 3339, UTC. */
  createdAt: string;
  updatedAt: string;
  /** Set if and only if the status is `completed`. */
  completedAt: string | null;
  /** Starts at 1; each change increments it. */
  version: number;
  /** The dates with activity that a week of the streak needs; null for a daily streak. */
  timesPerWeek: number | null;
  /** The sum of quantities of its activities to reach; null without a target. */
  targetQuantity: number | null;
  dueOn: LocalDate | null;
  /** The local date of its first activity, void or not, from which on the streak is computed; null before. */
  firstActivityOn: LocalDate | null;
  /** The days that its client had counted before the first activity; null before the first activity. */
  streakBase: number | null;
}

/** The fields of a goal that its user chooses. */
export type GoalContent = Pick<Goal, (typeof CONTENT_FIELDS)[number]>;

export const CONTENT_FIELDS = [
  'description',
  'status',
  'streakCount',
  'title',
  'targetQuantity',
  'dueOn',
  'timesPerWeek',
] as const satisfies (keyof Goal)[];

/** A goal's content as a client sends it, with null where the client sent null. */
export type GoalInput = { [Field in keyof GoalContent]?: GoalContent[Field] | null | undefined };

/** The fields that version 2.0.0 lacks, of a goal without them. */
export const ADDED = { targetQuantity: null, dueOn: null, timesPerWeek: null };

/** Each completes "Not authorized to ...". */
export const CREATE_GOAL = 'create a learning goal for this user';
export const UPDATE_GOAL = 'update this learning goal';
export const DELETE_GOAL = 'delete this learning goal';

export const GOAL_RULES = {
  title: { min: 1, max: 200 },
  description: { min: 0, max: 2000, multiline: true },
} as const satisfies Record<string, TextRule>;
/** The largest integer of PostgreSQL's `integer` and GraphQL's `Int`. */
export const MAX_STREAK_COUNT = 2_147_483_647;
/** The largest target: a round number below that integer. */
export const MAX_TARGET_QUANTITY = 1_000_000_000;
/** The dates of a week, on each of which a weekly goal can ask for activity. */
export const MAX_TIMES_PER_WEEK = 7;

/**
 * Returns the content of a new goal: `in-progress` with a streak count of 0 unless the input says otherwise.
 * @throws BAD_USER_INPUT naming every invalid field
 */
export function readNewGoal(input: GoalInput & { title: string }): GoalContent {
  const change = readGoalChange(input, null);
  return { description: null, status: 'in-progress', streakCount: 0, title: input.title, ...ADDED, ...change };
}

/**
 * Returns the fields that an update sets. Fields that are absent from the input are absent from the result, and so are
 * texts that the goal has already. Both APIs have checked that `dueOn` is a date.
 * @param stored the goal to update; null when there is none
 * @throws BAD_USER_INPUT naming every invalid field; `title`, `status` and `streakCount` must not be null
 */
export function readGoalChange(input: GoalInput, stored: Goal | null): Partial<GoalContent> {
  const fields = new FieldReader();
  const change = readFields(fields, withoutStoredTexts(input, stored));
  for (const field of ['title', 'status', 'streakCount'] as const) {
    fields.require(input[field] !== null, field, 'must not be null');
  }
  const { streakCount, targetQuantity, timesPerWeek } = change;
  fields.requireInteger('streakCount', streakCount, { min: 0, max: MAX_STREAK_COUNT });
  fields.requireInteger('targetQuantity', targetQuantity, { min: 1, max: MAX_TARGET_QUANTITY });
  fields.requireInteger('timesPerWeek', timesPerWeek, { min: 1, max: MAX_TIMES_PER_WEEK });
  fields.throwIfInvalid();
  return change;
}

/**
 * Returns the content by which an idempotency key recognizes a repetition. A field that version 2.0.0 lacks is left out
 * while it is null: replicas of that version then store and compare the same content.
 */
export function keyedContent(content: GoalContent): Partial<GoalContent> {
  const { description, status, streakCount, title, targetQuantity, dueOn, timesPerWeek } = content;
  return {
    description,
    status,
    streakCount,
    title,
    ...(targetQuantity !== null && { targetQuantity }),
    ...(dueOn !== null && { dueOn }),
    ...(timesPerWeek !== null && { timesPerWeek }),
  };
}

/** Returns the problems of the texts of an input whose types are not checked. */
export function goalProblems(input: Partial<Record<keyof GoalContent, unknown>>): FieldProblem[] {
  const fields = new FieldReader();
  readFields(fields, input as GoalInput);
  return fields.problems;
}

/** Returns the sort key of a goal in its user's list. */
export function goalCursorKey(goal: Goal): CursorKey {
  return { at: goal.createdAt, id: goal.id };
}

/** Returns a predicate for the version that the client expects; undefined when it expects none. */
export function versionTest(expected: number | null | undefined): ((goal: Goal) => boolean) | undefined {
  return expected == null ? undefined : (goal) => goal.version === expected;
}

/**
 * Returns the goal that a change is meant for.
 * @throws NOT_FOUND without a goal, STALE_VERSION when the change is meant for another version of it
 */
export function requireExpected<Found extends Goal>(
  goal: Found | null,
  isExpected: ((goal: Goal) => boolean) | undefined,
): Found {
  if (goal === null) throw goalNotFound();
  if (isExpected?.(goal) === false) {
    const message = `The learning goal has changed: its version is ${goal.version}`;
    throw new AppError('STALE_VERSION', message, { field: 'expectedVersion' });
  }
  return goal;
}

export function goalNotFound(): AppError {
  return new AppError('NOT_FOUND', 'Learning goal not found');
}

/**
 * Returns the input without the texts that are stored already, byte for byte. The cut-over has kept some that the rules
 * reject, and clients that send the whole goal send them back.
 */
function withoutStoredTexts(input: GoalInput, stored: Goal | null): GoalInput {
  const isStored = (field: 'title' | 'description') => stored !== null && input[field] === stored[field];
  return {
    ...input,
    ...(isStored('title') && { title: undefined }),
    ...(isStored('description') && { description: undefined }),
  };
}

/** Reads the fields that are there; the nulls of `title`, `status` and `streakCount` are left to the caller. */
function readFields(fields: FieldReader, input: GoalInput): Partial<GoalContent> {
  const { title, description, status, streakCount, targetQuantity, dueOn, timesPerWeek } = input;
  return {
    ...(title !== undefined && { title: fields.text('title', title, GOAL_RULES.title) }),
    ...(description !== undefined && {
      description: description === null ? null : fields.text('description', description, GOAL_RULES.description),
    }),
    ...(status != null && { status }),
    // NOTE: JSON stores -0 as 0, and a repetition with an idempotency key must have the stored content
    ...(streakCount != null && { streakCount: streakCount + 0 }),
    ...(targetQuantity !== undefined && { targetQuantity }),
    ...(dueOn !== undefined && { dueOn }),
    ...(timesPerWeek !== undefined && { timesPerWeek }),
  };
}
