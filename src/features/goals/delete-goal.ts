import type { Owner } from '../../auth/viewer.ts';
import { lockAuthUser } from '../../db/auth-users.ts';
import { inTransaction } from '../../db/transaction.ts';
import { runStatement } from '../../db/write.ts';
import type { RequestContext } from '../../request-context.ts';
import { inUserQueue } from '../tracking/user-queue.ts';
import { goalNotFound } from './goal.ts';
import { removeGoal } from './remove-goal.store.ts';

/** Attempts without a transaction. Each fails only because other tracked data of the user were saved meanwhile. */
const MAX_ATTEMPTS = 3;

/**
 * Deletes one of the owner's goals. Its activities remain, and count overall.
 * @throws NOT_FOUND (also for another user's goal, and when the goal is already deleted), RATE_LIMITED
 */
export async function deleteGoal(context: RequestContext, owner: Owner, id: number): Promise<void> {
  await inUserQueue(context, owner.id, () => removeExisting(context, owner, id));
  context.countWrites('goal_deleted');
}

async function removeExisting({ db }: RequestContext, owner: Owner, id: number): Promise<void> {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const result = await runStatement(db, () => removeGoal(db, owner.id, id));
    if (result === 'deleted') return;
    if (result === 'missing') throw goalNotFound();
  }
  await inTransaction(db, async (tx) => {
    await lockAuthUser(tx, owner.id);
    if ((await removeGoal(tx, owner.id, id)) !== 'deleted') throw goalNotFound();
  });
}
