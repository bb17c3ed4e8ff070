import { requireOwner, type Viewer } from '../auth/viewer.ts';
import { requireRowId } from '../lib/row-id.ts';
import type { Scope } from '../scope.ts';
import { DELETE_GOAL, goalNotFound } from './goal.ts';
import { deleteGoal as removeGoal } from './goals.store.ts';

/**
 * Deletes one of the caller's goals and gives the caller.
 * @throws UNAUTHENTICATED, FORBIDDEN, BAD_USER_INPUT, NOT_FOUND (also when the goal is somebody else's, and the second time)
 */
export async function deleteGoal(scope: Scope, { id, userId }: { id: string; userId?: string }): Promise<Viewer> {
  const owner = requireOwner(scope.viewer, userId, DELETE_GOAL);
  if (!(await removeGoal(scope.db, owner.id, requireRowId('id', id)))) throw goalNotFound();
  return owner;
}
