import type { Db } from '../db/client.ts';
import { pause, withJitter } from '../lib/pause.ts';
import type { Log } from '../request-context.ts';
import { deleteExpiredKeys } from './idempotency-keys.store.ts';

/** Time from the start of a replica to its first run, and from a failed run to the next one. */
const FIRST_RUN_MS = 60_000;
/** Time from a complete run to the next one. */
const INTERVAL_MS = 600_000;
/** Time limit of a run. */
const MAX_RUN_MS = 300_000;
/** Rows that a query deletes: the first one of a replica few, since the speed of the database is unknown. */
const FIRST_CHUNK = 1000;
const MAX_CHUNK = 5000;
const MIN_CHUNK = 100;
/** Target duration of a query: the next one deletes twice or half as many rows. */
const CHUNK_MS = { min: 100, max: 300 };

export interface CleanupOptions {
  db: Db;
  now: () => Date;
  log: Log;
  firstRunMs?: number;
}

/**
 * Deletes expired keys soon after the start and then regularly, until the returned function is called. Replicas may run at
 * the same time. A run deletes in chunks and pauses as long as each chunk took, so that it uses one connection for at most
 * half of the time.
 */
export function startKeyCleanup({ firstRunMs = FIRST_RUN_MS, ...options }: CleanupOptions): () => void {
  const stop = new AbortController();
  void runRegularly(new KeyCleanup(options, stop.signal), firstRunMs, stop.signal);
  return () => stop.abort();
}

async function runRegularly(cleanup: KeyCleanup, firstRunMs: number, stop: AbortSignal): Promise<void> {
  await pause(withJitter(firstRunMs), stop);
  while (!stop.aborted) {
    const isComplete = await cleanup.run();
    await pause(withJitter(isComplete ? INTERVAL_MS : FIRST_RUN_MS), stop);
  }
}

class KeyCleanup {
  readonly #options: CleanupOptions;
  readonly #stop: AbortSignal;
  #chunk = FIRST_CHUNK;

  constructor(options: CleanupOptions, stop: AbortSignal) {
    this.#options = options;
    this.#stop = stop;
  }

  /** Returns false when a query failed or the run reached its time limit. */
  async run(): Promise<boolean> {
    const deadline = performance.now() + MAX_RUN_MS;
    let from: string | null = '-infinity';
    try {
      while (from !== null) {
        if (this.#stop.aborted || performance.now() > deadline) return false;
        from = await this.#deleteChunk(from);
      }
      return true;
    } catch (error) {
      this.#resize(0.5);
      if (!this.#stop.aborted) this.#options.log.warn({ err: error }, 'key cleanup failed');
      return false;
    }
  }

  /** Returns the start of the next chunk; null after the last one. */
  async #deleteChunk(from: string): Promise<string | null> {
    const { db, now } = this.#options;
    const startedAt = performance.now();
    const limit = this.#chunk;
    const { count, last } = await deleteExpiredKeys(db, { now: now(), from, limit });
    if (count < limit) return null;
    const ms = performance.now() - startedAt;
    if (ms < CHUNK_MS.min) this.#resize(2);
    if (ms > CHUNK_MS.max) this.#resize(0.5);
    await pause(ms, this.#stop);
    return last;
  }

  #resize(factor: number): void {
    this.#chunk = Math.min(Math.max(Math.round(this.#chunk * factor), MIN_CHUNK), MAX_CHUNK);
  }
}
