import type { Db } from '../../db/client.ts';
import { isConnectionLost, isStatementTimeout, toDatabaseAppError } from '../../db/errors.ts';
import { AppError } from '../../errors.ts';
import type { CountFailure } from '../../lib/background-task.ts';
import { instantText } from '../../lib/instant.ts';
import type { Log } from '../../lib/log.ts';
import { pause, withJitter } from '../../lib/pause.ts';
import type { CountWrites } from '../../request-context.ts';
import type { ClaimedBackfill } from './backfill.ts';
import { backfillUsers } from './backfill-users.ts';
import { claimBackfill, discountAttempt, releaseBackfill } from './backfills.store.ts';

export interface RunnerOptions {
  db: Db;
  now: () => Date;
  log: Log;
  countWrites: CountWrites;
  countFailure: CountFailure;
}

/** Time without a report of progress after which another replica takes a backfill over. */
const LEASE_SECONDS = 10;
/** Time to the next search while another replica runs a backfill, which may end. */
const WATCH_MS = 3000;
/** Time to the next search while no backfill runs. The replica that starts one searches at once. */
const IDLE_MS = 15_000;

/** The runner of each pool. */
const runners = new WeakMap<Db, BackfillRunner>();

/**
 * Runs backfills of all replicas in the background, one at a time, until the returned function is called. That function
 * waits for the user that is examined at present. Another replica, or this one after its next start, continues.
 */
export function startBackfills(options: RunnerOptions): () => Promise<void> {
  const runner = new BackfillRunner(options);
  runners.set(options.db, runner);
  const running = runner.run();
  return () => {
    runner.stop();
    return running;
  };
}

/** Makes the runner of the pool search for a backfill now. */
export function wakeRunner(db: Db): void {
  runners.get(db)?.wake();
}

class BackfillRunner {
  readonly #options: RunnerOptions;
  readonly #replicaId: string = crypto.randomUUID();
  readonly #stop = new AbortController();
  #wake = new AbortController();
  #failures = 0;
  #isSearchFailing = false;
  #lastFailure: { id: ClaimedBackfill['id']; error: unknown } | undefined;

  constructor(options: RunnerOptions) {
    this.#options = options;
  }

  wake(): void {
    this.#wake.abort();
  }

  stop(): void {
    this.#stop.abort();
  }

  /** Runs until `stop` is called. */
  async run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      this.#wake = new AbortController();
      const ms = await this.#runNext();
      await pause(ms, AbortSignal.any([this.#stop.signal, this.#wake.signal]));
    }
  }

  /** Runs a backfill if there is one, and returns the time to the next search. */
  async #runNext(): Promise<number> {
    const lease = { replicaId: this.#replicaId, leaseSeconds: LEASE_SECONDS };
    const search = await claimBackfill(this.#options.db, lease).catch((err: unknown) => this.#logFailedSearch(err));
    if (search === undefined) return withJitter(WATCH_MS);
    this.#isSearchFailing = false;
    const { claimed, unfinished } = search;
    if (claimed !== null) return this.#attempt(claimed);
    // NOTE: between two attempts, searches find the backfill with the lease of the failed one
    if (unfinished === 0) this.#failures = 0;
    return withJitter(unfinished > 0 ? WATCH_MS : IDLE_MS);
  }

  /** Logs the first failure of several. The readiness of the replica reports an outage of the database. */
  #logFailedSearch(err: unknown): undefined {
    if (isConnectionLost(err)) return;
    this.#options.countFailure('backfill_search');
    if (this.#isSearchFailing) return;
    this.#isSearchFailing = true;
    this.#options.log.warn({ err }, 'search for badge backfills failed');
  }

  /** Logs a failure unless it is the first one of all replicas since the last progress, which a restart can cause. */
  async #attempt(claimed: ClaimedBackfill): Promise<number> {
    try {
      await this.#runClaimed(claimed);
      this.#failures = 0;
      return 0;
    } catch (err) {
      this.#failures++;
      const { id, attempts } = claimed;
      if ((this.#failures > 1 || attempts > 1) && !this.#stop.signal.aborted) {
        this.#options.log.warn({ err, backfill: id, attempts }, 'badge backfill failed');
        this.#options.countFailure('backfill');
      }
      return withJitter(WATCH_MS);
    }
  }

  async #runClaimed(backfill: ClaimedBackfill): Promise<void> {
    const { db, now } = this.#options;
    const { id } = backfill;
    const replicaId = this.#replicaId;
    const lastError = this.#lastFailure?.id === id ? this.#lastFailure.error : undefined;
    const context = { ...this.#options, replicaId, stop: this.#stop.signal, lastError };
    const isComplete = await backfillUsers(context, backfill).catch(async (error: unknown) => {
      this.#lastFailure = { id, error };
      if (isUnavailable(error)) await discountAttempt(db, { id, replicaId });
      throw error;
    });
    await releaseBackfill(db, { id, replicaId, finishedAt: isComplete ? instantText(now()) : null });
  }
}

/**
 * Returns whether an attempt failed for a reason that no user causes, such as a lock or a lost connection. The
 * activities of a user can cause a statement timeout.
 */
function isUnavailable(error: unknown): boolean {
  const appError = error instanceof AppError ? error : toDatabaseAppError(error);
  return appError?.code === 'SERVICE_UNAVAILABLE' && !isStatementTimeout(appError.cause);
}
