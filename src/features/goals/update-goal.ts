import type { Owner } from '../../auth/viewer.ts';
import { inTransaction } from '../../db/transaction.ts';
import { runStatement } from '../../db/write.ts';
import { AppError } from '../../errors.ts';
import { instantText } from '../../lib/instant.ts';
import type { RequestContext } from '../../request-context.ts';
import { changeGoal, type Goal, type GoalInput, goalNotFound, readGoalChange } from './goal.ts';
import { findGoal, lockGoal, saveGoal } from './goals.store.ts';

export interface GoalUpdate {
  id: number;
  change: GoalInput;
  /** Whether the update applies to this version of the goal; without it, to any version. */
  isExpected?: ((goal: Goal) => boolean) | undefined;
}

/** Attempts without a lock. Each of them fails only because another update or a deletion succeeded meanwhile. */
const MAX_ATTEMPTS = 2;

/**
 * Updates one of the owner's goals: reads it, and saves it if it still has that version. After two attempts that lost
 * against other updates, the goal is locked. An update that changes nothing leaves the goal as it is, its version included.
 * @throws BAD_USER_INPUT, NOT_FOUND (also for another user's goal), STALE_VERSION, INVALID_TRANSITION
 */
export async function updateGoal(
  context: RequestContext,
  owner: Owner,
  { id, change, isExpected }: GoalUpdate,
): Promise<Goal> {
  const fields = readGoalChange(change);
  const { db, now } = context;
  const apply = (goal: Goal | null): { goal: Goal; changed: Goal } => {
    if (goal === null) throw goalNotFound();
    if (isExpected?.(goal) === false) {
      throw new AppError('STALE_VERSION', `The learning goal has changed: its version is ${goal.version}`);
    }
    return { goal, changed: changeGoal(goal, fields, instantText(now())) };
  };
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const { goal, changed } = apply(await findGoal(db, owner.id, id));
    if (changed === goal || (await runStatement(() => saveGoal(db, changed, goal.version)))) return changed;
  }
  return inTransaction(db, async (tx) => {
    const { goal, changed } = apply(await lockGoal(tx, owner.id, id));
    if (changed !== goal) await saveGoal(tx, changed, goal.version);
    return changed;
  });
}
