import { toFields, toMembers } from '../../lib/members.ts';
import { toUserIdResponse } from '../../lib/user-id.ts';
import { ADDED, type Goal } from './goal.ts';

/** The fields of a goal by their members in REST. The order is that of a response. */
export const MEMBERS = {
  id: 'id',
  title: 'title',
  description: 'description',
  status: 'status',
  streak_count: 'streakCount',
  auth_user_id: 'userId',
  created_at: 'createdAt',
  updated_at: 'updatedAt',
  target_quantity: 'targetQuantity',
  due_on: 'dueOn',
  times_per_week: 'timesPerWeek',
} as const satisfies Record<string, keyof Goal>;

/**
 * Returns a goal in the shape that v1 clients parse. It is stored with an idempotency key, and version 2.0.0 sends it
 * as it is.
 */
export function toGoalResponse(goal: Goal) {
  return { ...toMembers(MEMBERS, goal), auth_user_id: toUserIdResponse(goal.userId) };
}

/** Returns the new goal of a stored response. */
export function fromGoalResponse(stored: object, { id: userId }: { id: string }): Goal {
  const goal = { ...ADDED, ...toFields(MEMBERS, stored as ReturnType<typeof toGoalResponse>) };
  const completedAt = goal.status === 'completed' ? goal.createdAt : null;
  return { ...goal, userId, completedAt, version: 1, firstActivityOn: null, streakBase: null };
}
