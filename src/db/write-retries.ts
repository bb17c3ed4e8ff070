import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../errors.ts';
import type { Db } from './client.ts';
import { is, PgTransaction } from './driver/drizzle.ts';
import { isConnectionLost, sqlState } from './errors.ts';
import { wasSent } from './query/prepared-query.ts';

/** Attempts of a write: further ones would only add to the contention that made these fail. */
const MAX_ATTEMPTS = 3;
/** Upper bound of the random pause between two attempts. */
const MAX_BACKOFF_MS = 50;
/** Latest start of an attempt, so that it can end within the handler's time limit. */
const LAST_ATTEMPT_START_MS = 1000;
const SERIALIZATION_FAILURE = '40001';
const DEADLOCK_DETECTED = '40P01';
/** A pooler has moved the session to a connection that has not prepared the statement. The driver prepares it again. */
const UNKNOWN_PREPARED_STATEMENT = '26000';
const RETRYABLE = [SERIALIZATION_FAILURE, DEADLOCK_DETECTED, UNKNOWN_PREPARED_STATEMENT];

/**
 * Runs a write of one statement outside a transaction, an exclusive prepared query. It is retried, up to three
 * attempts, after a serialization failure, a deadlock or an unknown prepared statement (a pooler).
 * @throws SERVICE_UNAVAILABLE, saying that the outcome is unknown, when the connection is lost after the statement was
 * sent. It is not retried then: only an idempotency key makes that safe
 * @param db the pool; in a transaction the write runs once, and throws its own errors
 */
export function runStatement<Result>(db: Db, run: () => Promise<Result>): Promise<Result> {
  if (is(db, PgTransaction)) return run();
  return retryConflicts(async () => {
    try {
      return await run();
    } catch (error) {
      throw wasSent(error) && isConnectionLost(error) ? outcomeUnknown(error) : error;
    }
  });
}

/**
 * Retries `attempt`, up to three times in all, after a serialization failure, a deadlock or an unknown prepared
 * statement (a pooler).
 */
export async function retryConflicts<Result>(attempt: () => Promise<Result>): Promise<Result> {
  const startedAt = performance.now();
  for (let count = 1; ; count++) {
    try {
      return await attempt();
    } catch (error) {
      const isLast = count === MAX_ATTEMPTS || performance.now() - startedAt > LAST_ATTEMPT_START_MS;
      if (isLast || !isRetryable(error)) throw error;
      await sleep(Math.random() * MAX_BACKOFF_MS);
    }
  }
}

/** Returns the error of a write that PostgreSQL may have committed, although its response is lost. */
export function outcomeUnknown(cause: unknown): AppError {
  return new AppError(
    'SERVICE_UNAVAILABLE',
    'The connection to the database was lost while the change was committed, so its outcome is unknown: ' +
      'repeat a request that had an Idempotency-Key with the same key, and read the data before you repeat another',
    { cause },
  );
}

function isRetryable(error: unknown): boolean {
  return RETRYABLE.includes(sqlState(error) ?? '');
}
