import type { Owner } from '../../auth/viewer.ts';
import { lockAuthUser } from '../../db/auth-users.ts';
import { AppError } from '../../errors.ts';
import {
  type KeyedInput,
  type KeyedOperation,
  type KeyedResult,
  withIdempotencyKey,
} from '../../idempotency/with-idempotency-key.ts';
import type { RequestContext } from '../../request-context.ts';
import { type Goal, type GoalContent, type GoalInput, goalContent, readNewGoal } from './goal.ts';
import { countGoalsByUsers, fromStoredGoal, insertGoal, statusFilter, toStoredGoal } from './goals.store.ts';

const operation: KeyedOperation<GoalContent, Goal> = {
  name: 'POST /:auth_user_id/goals',
  contentOf: goalContent,
  codec: { encode: toStoredGoal, decode: fromStoredGoal },
};

/**
 * Creates a goal for the owner; at most once per idempotency key.
 * @throws BAD_USER_INPUT, LIMIT_REACHED (exact under concurrency), and the errors of `withIdempotencyKey`
 */
export async function createGoal(
  context: RequestContext,
  owner: Owner,
  input: GoalInput & KeyedInput & { title: string },
): Promise<KeyedResult<Goal>> {
  const content = readNewGoal(input);
  const limit = context.limits.goalsPerUser;
  return withIdempotencyKey(context, { operation, owner, input, content }, async (tx) => {
    await lockAuthUser(tx, owner.id);
    const [count = 0] = await countGoalsByUsers(tx, [owner.id], statusFilter());
    if (count >= limit) throw new AppError('LIMIT_REACHED', `Maximum number of learning goals (${limit}) reached`);
    const now = context.now().toISOString();
    const completedAt = content.status === 'completed' ? now : null;
    return insertGoal(tx, { ...content, userId: owner.id, createdAt: now, updatedAt: now, completedAt });
  });
}
