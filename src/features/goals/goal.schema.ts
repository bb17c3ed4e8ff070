import { type Static, Type } from 'typebox';
import { textSchema, UserIdResponse, UserParams } from '../../http/rest/schemas.ts';
import { toUserIdResponse } from '../../lib/user-id.ts';
import { GOAL_RULES, GOAL_STATUSES, type Goal, type GoalInput, type GoalStatus, MAX_STREAK_COUNT } from './goal.ts';

export const GoalResponse = Type.Object({
  id: Type.Integer(),
  title: Type.String(),
  description: Type.Union([Type.String(), Type.Null()]),
  status: Type.Enum([...GOAL_STATUSES]),
  streak_count: Type.Integer(),
  auth_user_id: UserIdResponse,
  created_at: Type.String({ format: 'date-time' }),
  updated_at: Type.String({ format: 'date-time' }),
});

/** A status as a client may send it: v1 data has `_` for `-`. */
const StatusInput = Type.Unsafe<string>({
  type: 'string',
  enum: [...GOAL_STATUSES, 'not_started', 'in_progress'],
});

const fields = {
  title: textSchema(GOAL_RULES.title),
  description: Type.Optional(
    Type.Unsafe<string | null>({ type: ['string', 'null'], maxLength: GOAL_RULES.description.max }),
  ),
  status: Type.Optional(StatusInput),
  streak_count: Type.Optional(Type.Integer({ minimum: 0, maximum: MAX_STREAK_COUNT })),
};
export const CreateGoalBody = Type.Object(fields, { additionalProperties: false });
export const UpdateGoalBody = Type.Object(
  { ...fields, title: Type.Optional(fields.title) },
  { additionalProperties: false },
);

export const GoalParams = Type.Object({
  ...UserParams.properties,
  goal_id: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
});
export const IfMatchHeaders = Type.Object({
  'if-match': Type.Optional(Type.String({ description: 'Update only the version that has this ETag' })),
});

/** Returns the input of a create or update body. */
export function toGoalInput(body: Static<typeof UpdateGoalBody>): GoalInput {
  const { title, description, status, streak_count: streakCount } = body;
  return { title, description, streakCount, status: status?.replace('_', '-') as GoalStatus | undefined };
}

/** Returns a goal in the shape that v1 clients parse. */
export function toGoalResponse(goal: Goal): Static<typeof GoalResponse> {
  return {
    id: goal.id,
    title: goal.title,
    description: goal.description,
    status: goal.status,
    streak_count: goal.streakCount,
    auth_user_id: toUserIdResponse(goal.userId),
    created_at: goal.createdAt,
    updated_at: goal.updatedAt,
  };
}

/** Returns the ETag of one version of a goal. */
export function goalEtag({ id, version }: { id: number; version: number }): string {
  return `"${id}-${version}"`;
}

/** Returns the predicate of an `If-Match` header; undefined when any version matches. */
export function matchesEtag(ifMatch: string | undefined): ((goal: Goal) => boolean) | undefined {
  if (ifMatch === undefined || ifMatch.trim() === '*') return undefined;
  const etags = ifMatch.split(',').map((etag) => etag.trim());
  return (goal) => etags.includes(goalEtag(goal));
}
