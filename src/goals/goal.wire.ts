import { type Static, Type } from 'typebox';
import { UserParams, WireUserId, wireUserId } from '../lib/rest.ts';
import { GOAL_STATUSES, type Goal, type GoalInput, type GoalStatus } from './goal.ts';

export const WireGoal = Type.Object({
  id: Type.Integer(),
  title: Type.String(),
  description: Type.Union([Type.String(), Type.Null()]),
  status: Type.Enum([...GOAL_STATUSES]),
  streak_count: Type.Integer(),
  auth_user_id: WireUserId,
  created_at: Type.String({ format: 'date-time' }),
  updated_at: Type.String({ format: 'date-time' }),
});

/** A status as a client may send it: the first version's data had `_` for `-`. */
const WireStatus = Type.Unsafe<string>({
  type: 'string',
  enum: [...GOAL_STATUSES, 'not_started', 'in_progress'],
});

const fields = {
  title: Type.String({ minLength: 1, maxLength: 200 }),
  description: Type.Optional(Type.Unsafe<string | null>({ type: ['string', 'null'], maxLength: 2000 })),
  status: Type.Optional(WireStatus),
  streak_count: Type.Optional(Type.Integer({ minimum: 0, maximum: 2_147_483_647 })),
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
export const IfMatch = Type.Object({
  'if-match': Type.Optional(Type.String({ description: 'Change only the version that has this ETag' })),
});

/** What a body sets; the same for a new goal and for a change. */
export function readGoalBody(body: Static<typeof UpdateGoalBody>): GoalInput {
  const { title, description, status, streak_count: streakCount } = body;
  return { title, description, streakCount, status: status?.replace('_', '-') as GoalStatus | undefined };
}

/** A goal as the first version's clients parse it. */
export function wireGoal(goal: Goal): Static<typeof WireGoal> {
  return {
    id: goal.id,
    title: goal.title,
    description: goal.description,
    status: goal.status,
    streak_count: goal.streakCount,
    auth_user_id: wireUserId(goal.userId),
    created_at: goal.createdAt,
    updated_at: goal.updatedAt,
  };
}

/** Names one version of one goal. */
export function goalEtag({ id, version }: { id: number; version: number }): string {
  return `"${id}-${version}"`;
}

/** What an `If-Match` header asks of a goal; undefined without one, or when any version will do. */
export function matchesEtag(ifMatch: string | undefined): ((goal: Goal) => boolean) | undefined {
  if (ifMatch === undefined || ifMatch.trim() === '*') return undefined;
  const etags = ifMatch.split(',').map((etag) => etag.trim());
  return (goal) => etags.includes(goalEtag(goal));
}
