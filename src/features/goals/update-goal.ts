import type { Owner } from '../../auth/viewer.ts';
import { inTransaction } from '../../db/transaction.ts';
import { AppError } from '../../errors.ts';
import type { RequestContext } from '../../request-context.ts';
import { changeGoal, type Goal, type GoalInput, goalNotFound, readGoalChange } from './goal.ts';
import { lockGoal, saveGoal } from './goals.store.ts';

export interface GoalUpdate {
  id: number;
  change: GoalInput;
  /** Whether the update applies to this version of the goal; without it, to any version. */
  isExpected?: ((goal: Goal) => boolean) | undefined;
}

/**
 * Updates one of the owner's goals. An update that changes nothing leaves the goal as it is, its version included.
 * @throws BAD_USER_INPUT, NOT_FOUND (also for another user's goal), STALE_VERSION, INVALID_TRANSITION
 */
export async function updateGoal(
  context: RequestContext,
  owner: Owner,
  { id, change, isExpected }: GoalUpdate,
): Promise<Goal> {
  const fields = readGoalChange(change);
  return inTransaction(context.db, async (tx) => {
    const goal = await lockGoal(tx, owner.id, id);
    if (goal === null) throw goalNotFound();
    if (isExpected?.(goal) === false) {
      throw new AppError('STALE_VERSION', `The learning goal has changed: its version is ${goal.version}`);
    }
    const changed = changeGoal(goal, fields, context.now().toISOString());
    return changed === goal ? goal : saveGoal(tx, changed);
  });
}
