import type { Owner } from '../../auth/viewer.ts';
import { lockAuthUser } from '../../db/auth-users.ts';
import { inTransaction } from '../../db/transaction.ts';
import { AppError } from '../../errors.ts';
import type { RequestContext } from '../../request-context.ts';
import { type Goal, type GoalInput, readNewGoal } from './goal.ts';
import { countGoalsByUsers, insertGoal, statusFilter } from './goals.store.ts';

/**
 * Creates a goal for the owner.
 * @throws BAD_USER_INPUT, LIMIT_REACHED (exact under concurrency)
 */
export async function createGoal(
  context: RequestContext,
  owner: Owner,
  input: GoalInput & { title: string },
): Promise<Goal> {
  const content = readNewGoal(input);
  const limit = context.limits.goalsPerUser;
  return inTransaction(context.db, async (tx) => {
    await lockAuthUser(tx, owner.id);
    const [count = 0] = await countGoalsByUsers(tx, [owner.id], statusFilter());
    if (count >= limit) throw new AppError('LIMIT_REACHED', `Maximum number of learning goals (${limit}) reached`);
    const now = context.now().toISOString();
    const completedAt = content.status === 'completed' ? now : null;
    return insertGoal(tx, { ...content, userId: owner.id, createdAt: now, updatedAt: now, completedAt });
  });
}
