import type { Owner } from '../../auth/viewer.ts';
import { runStatement } from '../../db/write.ts';
import type { RequestContext } from '../../request-context.ts';
import { goalNotFound } from './goal.ts';
import { removeGoal } from './goals.store.ts';

/**
 * Deletes one of the owner's goals.
 * @throws NOT_FOUND (also for another user's goal, and when the goal is already deleted)
 */
export async function deleteGoal({ db }: RequestContext, owner: Owner, id: number): Promise<void> {
  if (!(await runStatement(() => removeGoal(db, owner.id, id)))) throw goalNotFound();
}
