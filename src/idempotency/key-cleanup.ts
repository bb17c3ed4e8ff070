import type { Db } from '../db/client.ts';
import type { CountFailure } from '../lib/background-task.ts';
import type { Log } from '../lib/log.ts';
import { pause, withJitter } from '../lib/pause.ts';
import { deleteExpiredKeys } from './idempotency-keys.store.ts';

/** Time from the start of a replica to its first run, and from a failed run to the next one. */
const FIRST_RUN_MS = 60_000;
/** Time from a complete run to the next one. */
const INTERVAL_MS = 600_000;
/** Rows that a query deletes: few, so that the query is short on a slow database too. */
const CHUNK = 1000;

export interface CleanupOptions {
  db: Db;
  now: () => Date;
  log: Log;
  countFailure: CountFailure;
  firstRunMs?: number;
}

/**
 * Deletes expired keys soon after the start and then regularly, until the returned function is called. Replicas may run
 * at the same time.
 */
export function startKeyCleanup({ firstRunMs = FIRST_RUN_MS, ...options }: CleanupOptions): () => void {
  const stop = new AbortController();
  void runRegularly({ ...options, firstRunMs }, stop.signal);
  return () => stop.abort();
}

async function runRegularly(options: Required<CleanupOptions>, stop: AbortSignal): Promise<void> {
  let waitMs = options.firstRunMs;
  for (;;) {
    await pause(withJitter(waitMs), stop);
    if (stop.aborted) return;
    waitMs = (await run(options, stop)) ? INTERVAL_MS : FIRST_RUN_MS;
  }
}

/** Returns false when a query failed. */
async function run({ db, now, log, countFailure }: CleanupOptions, stop: AbortSignal): Promise<boolean> {
  try {
    await deleteInChunks(db, now, stop);
    return true;
  } catch (error) {
    if (stop.aborted) return false;
    log.warn({ err: error }, 'key cleanup failed');
    countFailure('key_cleanup');
    return false;
  }
}

/** Pauses as long as each chunk took, so that a run uses one connection for at most half of the time. */
async function deleteInChunks(db: Db, now: () => Date, stop: AbortSignal): Promise<void> {
  let from: string | null = '-infinity';
  while (from !== null && !stop.aborted) {
    const startedAt = performance.now();
    const { count, last } = await deleteExpiredKeys(db, { now: now(), from, limit: CHUNK });
    if (count < CHUNK) return;
    from = last;
    await pause(performance.now() - startedAt, stop);
  }
}
