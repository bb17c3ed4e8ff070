import { lockAuthUser } from '../../db/auth-users.ts';
import type { Db } from '../../db/client.ts';
import { inTransaction } from '../../db/transaction.ts';
import type { RequestContext } from '../../request-context.ts';
import { inUserQueue } from './user-queue.ts';

/** Attempts without a lock. Each fails only because another change of the user, or of a definition, was saved. */
const MAX_ATTEMPTS = 2;

interface UserChange<Result> {
  /** Makes the change without a lock. Returns undefined when another change was saved after the data were read. */
  attempt: (count: number) => Promise<Result | 'needs lock' | undefined>;
  /** Makes the change in a transaction that has locked the user's row. */
  locked: (tx: Db) => Promise<Result>;
}

/**
 * Changes a user's data after the changes before it in this process. It tries without a lock, and locks the user's row
 * after two attempts that lost against other changes.
 * @throws the errors of the change, and RATE_LIMITED when 100 changes of the viewer wait
 */
export function changeUser<Result extends object | true>(
  context: RequestContext,
  userId: string,
  { attempt, locked }: UserChange<Result>,
): Promise<Result> {
  return inUserQueue(context, userId, async () => {
    for (let count = 1; count <= MAX_ATTEMPTS; count++) {
      const result = await attempt(count);
      if (result === 'needs lock') break;
      if (result !== undefined) return result;
    }
    return inTransaction(context.db, async (tx) => {
      await lockAuthUser(tx, userId);
      return locked(tx);
    });
  });
}
