import { toUserIdResponse } from '../../lib/user-id.ts';
import type { Goal } from './goal.ts';

type GoalResponse = ReturnType<typeof toGoalResponse>;

/**
 * Returns a goal in the shape that v1 clients parse. It is stored with an idempotency key, and version 2.0.0 sends it
 * as it is.
 */
export function toGoalResponse(goal: Goal) {
  return {
    id: goal.id,
    title: goal.title,
    description: goal.description,
    status: goal.status,
    streak_count: goal.streakCount,
    auth_user_id: toUserIdResponse(goal.userId),
    created_at: goal.createdAt,
    updated_at: goal.updatedAt,
    target_quantity: goal.targetQuantity,
    due_on: goal.dueOn,
    times_per_week: goal.timesPerWeek,
  };
}

/** The members that are absent from a response which a replica of version 2.0.0 has stored. */
const ADDED = { target_quantity: null, due_on: null, times_per_week: null };

/** Returns the new goal of a stored response. */
export function fromGoalResponse(stored: object, { id: userId }: { id: string }): Goal {
  const goal = { ...ADDED, ...(stored as GoalResponse) };
  const { id, title, description, status, created_at: createdAt } = goal;
  return {
    id,
    userId,
    title,
    description,
    status,
    streakCount: goal.streak_count,
    createdAt,
    updatedAt: goal.updated_at,
    completedAt: status === 'completed' ? createdAt : null,
    version: 1,
    targetQuantity: goal.target_quantity,
    dueOn: goal.due_on,
    timesPerWeek: goal.times_per_week,
    firstActivityOn: null,
    streakBase: null,
  };
}
