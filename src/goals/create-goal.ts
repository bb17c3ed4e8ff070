import { requireOwner } from '../auth/viewer.ts';
import { lockAuthUser } from '../db/auth-users.ts';
import { inTransaction } from '../db/transaction.ts';
import { AppError } from '../errors.ts';
import type { Scope } from '../scope.ts';
import { CREATE_GOAL, type Goal, type GoalInput, readNewGoal } from './goal.ts';
import { countGoalsByUsers, insertGoal } from './goals.store.ts';

/**
 * Sets the caller a goal.
 * @throws UNAUTHENTICATED, FORBIDDEN when `userId` is somebody else, BAD_USER_INPUT, LIMIT_REACHED (exact, however many
 * calls run at once)
 */
export async function createGoal(
  scope: Scope,
  input: GoalInput & { title: string; userId?: string | null | undefined },
): Promise<Goal> {
  const owner = requireOwner(scope.viewer, input.userId, CREATE_GOAL);
  const content = readNewGoal(input);
  const limit = scope.limits.goalsPerUser;
  return inTransaction(scope.db, async (tx) => {
    await lockAuthUser(tx, owner.id);
    const [owned = 0] = await countGoalsByUsers(tx, [owner.id]);
    if (owned >= limit) {
      throw new AppError('LIMIT_REACHED', `Maximum number of learning goals (${limit}) reached`);
    }
    const now = scope.now().toISOString();
    const completedAt = content.status === 'completed' ? now : null;
    return insertGoal(tx, { ...content, userId: owner.id, createdAt: now, updatedAt: now, completedAt });
  });
}
