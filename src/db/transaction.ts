import type { Db } from './client.ts';
import { is, PgTransaction } from './driver/drizzle.ts';
import { isConnectionLost } from './errors.ts';
import { outcomeUnknown, retryConflicts } from './write-retries.ts';

/**
 * Runs `work` in the transaction that `db` is, or else in a new one. A new one is retried as a whole, up to three
 * attempts, after a serialization failure, a deadlock or an unknown prepared statement.
 * @throws SERVICE_UNAVAILABLE, saying that the outcome is unknown, when the connection is lost at COMMIT. It is not
 * retried then: only an idempotency key makes that safe
 */
export async function inTransaction<Result>(db: Db, work: (tx: Db) => Promise<Result>): Promise<Result> {
  return is(db, PgTransaction) ? work(db as Db) : retryConflicts(() => runOnce(db, work));
}

async function runOnce<Result>(db: Db, work: (tx: Db) => Promise<Result>): Promise<Result> {
  let isCommitting = false;
  try {
    return await db.transaction(async (tx) => {
      const result = await work(tx as unknown as Db);
      isCommitting = true;
      return result;
    });
  } catch (error) {
    throw isCommitting && isConnectionLost(error) ? outcomeUnknown(error) : error;
  }
}
