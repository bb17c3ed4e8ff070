import type { FieldProblem } from '../../errors.ts';
import { FieldReader } from '../../lib/field-reader.ts';
import { parseInstant } from '../../lib/instant.ts';
import { parseRowId } from '../../lib/row-id.ts';
import type { TextRule } from '../../lib/text.ts';
import { requireUserId } from '../../lib/user-id.ts';
import { VERB } from '../../lib/verb.ts';

/** An activity whose types are not checked. */
export type ActivityInput = Partial<Record<keyof ActivityContent, unknown>>;

/** The validated content of an activity, with its defaults. */
export interface ActivityContent {
  eventId: string;
  verb: string;
  objectId: string | null;
  goalId: number | null;
  quantity: number;
  /** UTC; null when the client left it out. */
  occurredAt: string | null;
}

/** Maximum characters of an event id, which are ASCII. */
export const MAX_EVENT_ID_LENGTH = 100;
export const OBJECT_ID: TextRule = { min: 1, max: 200 };
export const MAX_QUANTITY = 1_000_000;

export const EVENT_ID = new RegExp(`^[\\x21-\\x7e]{1,${MAX_EVENT_ID_LENGTH}}$`);
const NOT_AN_EVENT_ID = `must be 1 to ${MAX_EVENT_ID_LENGTH} printable ASCII characters without spaces`;
const NOT_AN_INSTANT = 'must be an RFC 3339 date-time with an offset, such as 2026-03-01T09:30:00Z';

/**
 * Returns the content of an activity of a user, whose types need not be checked before.
 * @throws BAD_USER_INPUT naming every invalid field, first the id of the user
 */
export function readActivity(userId: unknown, input: ActivityInput): ActivityContent {
  const fields = new FieldReader();
  fields.collect(() => requireUserId('userId', userId));
  const content = readFields(fields, input);
  fields.throwIfInvalid();
  return content;
}

/** Returns the problems of an input whose types are not checked. */
export function activityProblems(input: ActivityInput): FieldProblem[] {
  const fields = new FieldReader();
  readFields(fields, input);
  return fields.problems;
}

/** Returns the input with the id of its goal as a number; an invalid id stays as it is. */
export function withGoalId<Input extends { goalId?: string | null | undefined }>(input: Input): ActivityInput {
  const { goalId } = input;
  return { ...input, goalId: goalId == null ? goalId : (parseRowId(goalId) ?? goalId) };
}

/** Checks the types as well: items of a REST batch have no schema. */
function readFields(fields: FieldReader, input: ActivityInput): ActivityContent {
  const { eventId, verb, objectId = null, goalId = null, occurredAt = null } = input;
  const quantity = input.quantity ?? 1;
  fields.require(matches(EVENT_ID, eventId), 'eventId', NOT_AN_EVENT_ID);
  fields.require(matches(VERB, verb), 'verb', `must match ${VERB.source}`);
  fields.require(objectId === null || typeof objectId === 'string', 'objectId', 'must be a string');
  fields.requireInteger('goalId', goalId, { min: 1, max: Number.MAX_SAFE_INTEGER });
  fields.requireInteger('quantity', quantity, { min: 1, max: MAX_QUANTITY });
  const instant = typeof occurredAt === 'string' ? parseInstant(occurredAt) : undefined;
  fields.require(occurredAt === null || instant !== undefined, 'occurredAt', NOT_AN_INSTANT);
  return {
    eventId: String(eventId),
    verb: String(verb),
    objectId: objectId === null ? null : fields.text('objectId', objectId, OBJECT_ID),
    goalId: goalId as number | null,
    quantity: quantity as number,
    occurredAt: instant ?? null,
  };
}

function matches(pattern: RegExp, value: unknown): boolean {
  return typeof value === 'string' && pattern.test(value);
}
