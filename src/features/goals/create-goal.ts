import type { Owner } from '../../auth/viewer.ts';
import type { NewResponse } from '../../db/create-row.ts';
import { createWithKey } from '../../idempotency/create-with-key.ts';
import type { KeyedInput, KeyedOperation, KeyedResult } from '../../idempotency/with-idempotency-key.ts';
import { instantText } from '../../lib/instant.ts';
import type { RequestContext } from '../../request-context.ts';
import { type Goal, type GoalContent, type GoalInput, goalContent, readNewGoal } from './goal.ts';
import { fromStoredGoal, insertGoal, toStoredGoal } from './goals.store.ts';

const operation: KeyedOperation<GoalContent, Goal> = {
  name: 'POST /:auth_user_id/goals',
  contentOf: goalContent,
  codec: { encode: toStoredGoal, decode: fromStoredGoal },
};

/**
 * Creates a goal for the owner; at most once per idempotency key.
 * @throws BAD_USER_INPUT, LIMIT_REACHED (exact under concurrency), and the errors of `createWithKey`
 */
export async function createGoal(
  context: RequestContext,
  owner: Owner,
  input: GoalInput & KeyedInput & { title: string },
): Promise<KeyedResult<Goal>> {
  const content = readNewGoal(input);
  const limit = context.limits.goalsPerUser;
  const now = instantText(context.now());
  const completedAt = content.status === 'completed' ? now : null;
  const draft = { ...content, userId: owner.id, createdAt: now, updatedAt: now, completedAt, version: 1 };
  const create = (response?: NewResponse) =>
    insertGoal(context.db, { userId: owner.id, values: draft, limit, response });
  return createWithKey(context, { operation, owner, input, content, draft, create });
}
