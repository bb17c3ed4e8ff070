import type { Db } from '../db/client.ts';
import type { Log } from '../request-context.ts';
import { deleteExpiredKeys } from './idempotency-keys.store.ts';

const INTERVAL_MS = 3_600_000;

interface CleanupOptions {
  db: Db;
  now: () => Date;
  log: Log;
}

/** Deletes expired keys every hour, until the returned function is called. */
export function startKeyCleanup({ db, now, log }: CleanupOptions): () => void {
  const timer = setInterval(() => {
    deleteExpiredKeys(db, now()).catch((error) => log.warn({ err: error }, 'key cleanup failed'));
  }, INTERVAL_MS).unref();
  return () => clearInterval(timer);
}
