import { requireOwner } from '../auth/viewer.ts';
import { inTransaction } from '../db/transaction.ts';
import { AppError } from '../errors.ts';
import { requireRowId } from '../lib/row-id.ts';
import type { Scope } from '../scope.ts';
import { changeGoal, type Goal, type GoalInput, goalNotFound, readGoalChange, UPDATE_GOAL } from './goal.ts';
import { lockGoal, updateGoal as saveGoal } from './goals.store.ts';

export interface GoalUpdate {
  id: string;
  /** The owner, where the caller's address names one. */
  userId?: string | undefined;
  change: GoalInput;
  /** Whether the change is meant for this version of the goal; any version when absent. */
  isExpected?: ((goal: Goal) => boolean) | undefined;
}

/**
 * Changes one of the caller's goals; a change that changes nothing leaves it as it is, version and all.
 * @throws UNAUTHENTICATED, FORBIDDEN, BAD_USER_INPUT, NOT_FOUND (also when the goal is somebody else's), STALE_VERSION,
 * INVALID_TRANSITION
 */
export async function updateGoal(scope: Scope, { id, userId, change, isExpected }: GoalUpdate): Promise<Goal> {
  const owner = requireOwner(scope.viewer, userId, UPDATE_GOAL);
  const goalId = requireRowId('id', id);
  const fields = readGoalChange(change);
  return inTransaction(scope.db, async (tx) => {
    const goal = await lockGoal(tx, owner.id, goalId);
    if (goal === null) throw goalNotFound();
    if (isExpected?.(goal) === false) {
      throw new AppError('STALE_VERSION', `The learning goal has changed meanwhile: its version is ${goal.version}`);
    }
    const changed = changeGoal(goal, fields, scope.now().toISOString());
    return changed === goal ? goal : saveGoal(tx, changed);
  });
}
