import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../errors.ts';
import type { Db } from './client.ts';
import { is, PgTransaction } from './driver/drizzle.ts';
import { isConnectionLost, sqlState } from './errors.ts';

const MAX_ATTEMPTS = 3;
/** Upper bound of the random pause between two attempts. */
const MAX_BACKOFF_MS = 50;
/** Latest start of an attempt, so that it can end within the handler's time limit. */
const LAST_ATTEMPT_START_MS = 1000;
const SERIALIZATION_FAILURE = '40001';
const DEADLOCK_DETECTED = '40P01';
/** A pooler has moved the transaction to a connection that has not prepared the statement. The driver prepares it again. */
const UNKNOWN_PREPARED_STATEMENT = '26000';
const RETRYABLE = [SERIALIZATION_FAILURE, DEADLOCK_DETECTED, UNKNOWN_PREPARED_STATEMENT];

/**
 * Runs `work` in the transaction that `db` is, or else in a new one. A new one is retried as a whole, up to three attempts,
 * after a serialization failure, a deadlock or an unknown prepared statement.
 * @throws SERVICE_UNAVAILABLE, saying that the outcome is unknown, when the connection is lost at COMMIT. It is not
 * retried then: only an idempotency key makes that safe
 */
export async function inTransaction<Result>(db: Db, work: (tx: Db) => Promise<Result>): Promise<Result> {
  if (is(db, PgTransaction)) return work(db as Db);
  const startedAt = performance.now();
  for (let attempt = 1; ; attempt++) {
    try {
      return await runOnce(db, work);
    } catch (error) {
      const isLast = attempt === MAX_ATTEMPTS || performance.now() - startedAt > LAST_ATTEMPT_START_MS;
      if (isLast || !isRetryable(error)) throw error;
      await sleep(Math.random() * MAX_BACKOFF_MS);
    }
  }
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
    if (!isCommitting || !isConnectionLost(error)) throw error;
    throw new AppError(
      'SERVICE_UNAVAILABLE',
      'The connection to the database was lost while the change was committed, so its outcome is unknown: ' +
        'repeat the request with the same Idempotency-Key',
      { cause: error },
    );
  }
}

function isRetryable(error: unknown): boolean {
  return RETRYABLE.includes(sqlState(error) ?? '');
}
