import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../errors.ts';
import type { Db } from './client.ts';
import { is, PgTransaction } from './drizzle.ts';
import { isConnectionLost, sqlState } from './failure.ts';

const ATTEMPTS = 3;
const MAX_PAUSE_MS = 50;
/** No attempt begins later than this, so that the last can end while somebody still waits for it. */
const LAST_START_MS = 1000;
const SERIALIZATION_FAILURE = '40001';
const DEADLOCK_DETECTED = '40P01';

/**
 * Runs `work` in one transaction: in the one that `db` already is, or else in a new one, which is tried again as a
 * whole, at most three times in all, when PostgreSQL gave it up for the sake of another.
 * @throws SERVICE_UNAVAILABLE when the connection breaks at COMMIT, saying that the outcome is unknown; it is not tried
 * again then, for only an Idempotency-Key makes that safe
 */
export async function inTransaction<Result>(db: Db, work: (tx: Db) => Promise<Result>): Promise<Result> {
  if (is(db, PgTransaction)) return work(db as Db);
  const startedAt = performance.now();
  for (let attempt = 1; ; attempt++) {
    try {
      return await commitOnce(db, work);
    } catch (error) {
      const isLast = attempt === ATTEMPTS || performance.now() - startedAt > LAST_START_MS;
      if (isLast || !isWorthRepeating(error)) throw error;
      await sleep(Math.random() * MAX_PAUSE_MS);
    }
  }
}

async function commitOnce<Result>(db: Db, work: (tx: Db) => Promise<Result>): Promise<Result> {
  let isDone = false;
  try {
    return await db.transaction(async (tx) => {
      const result = await work(tx as unknown as Db);
      isDone = true;
      return result;
    });
  } catch (error) {
    if (!isDone || !isConnectionLost(error)) throw error;
    throw new AppError(
      'SERVICE_UNAVAILABLE',
      'The connection to the database broke while the change was being saved: it may or may not have happened; ' +
        'repeat it with the same Idempotency-Key',
      { cause: error },
    );
  }
}

function isWorthRepeating(error: unknown): boolean {
  const state = sqlState(error);
  return state === SERIALIZATION_FAILURE || state === DEADLOCK_DETECTED;
}
