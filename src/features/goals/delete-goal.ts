import type { Owner } from '../../auth/viewer.ts';
import { runStatement } from '../../db/write-retries.ts';
import type { RequestContext } from '../../request-context.ts';
import { changeUser } from '../tracking/change-user.ts';
import { goalNotFound } from './goal.ts';
import { removeGoal } from './remove-goal.store.ts';

/**
 * Deletes one of the owner's goals. Its activities remain, and count overall.
 * @throws NOT_FOUND (also for another user's goal, and when the goal is already deleted), RATE_LIMITED
 */
export async function deleteGoal(context: RequestContext, owner: Owner, id: number): Promise<void> {
  const { db } = context;
  await changeUser(context, owner.id, {
    attempt: async () => {
      const result = await runStatement(db, () => removeGoal(db, owner.id, id));
      if (result === 'missing') throw goalNotFound();
      return result === 'deleted' || undefined;
    },
    locked: async (tx) => {
      if ((await removeGoal(tx, owner.id, id)) !== 'deleted') throw goalNotFound();
      return true;
    },
  });
  context.countWrites('goal_deleted');
}
