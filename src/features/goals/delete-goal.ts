import type { Owner } from '../../auth/viewer.ts';
import { runStatement } from '../../db/write-retries.ts';
import type { RequestContext } from '../../request-context.ts';
import { changeUser } from '../tracking/change-user.ts';
import { type Goal, goalNotFound, requireExpected } from './goal.ts';
import { findGoal, lockGoal } from './goals.store.ts';
import { removeGoal } from './remove-goal.store.ts';

interface GoalDeletion {
  id: number;
  /** Tells whether the deletion is meant for this version of the goal; any version by default. */
  isExpected?: ((goal: Goal) => boolean) | undefined;
}

/**
 * Deletes one of the owner's goals. Its activities remain, and count overall.
 * @throws NOT_FOUND (also for another user's goal, and when the goal is already deleted), STALE_VERSION, RATE_LIMITED
 */
export async function deleteGoal(
  context: RequestContext,
  owner: Owner,
  { id, isExpected }: GoalDeletion,
): Promise<void> {
  const { db } = context;
  const userId = owner.id;
  await changeUser(context, userId, {
    attempt: async () => {
      const version = isExpected ? requireExpected(await findGoal(db, userId, id), isExpected).version : null;
      const result = await runStatement(db, () => removeGoal(db, { userId, id, version }));
      if (result === 'missing' && version === null) throw goalNotFound();
      return result === 'deleted' || undefined;
    },
    locked: async (tx) => {
      if (isExpected) requireExpected(await lockGoal(tx, userId, id), isExpected);
      if ((await removeGoal(tx, { userId, id, version: null })) !== 'deleted') throw goalNotFound();
      return true;
    },
  });
  context.countWrites('goal_deleted');
}
