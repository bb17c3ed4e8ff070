import { lockAuthUser } from '../../db/auth-users.ts';
import type { Db } from '../../db/client.ts';
import { inTransaction } from '../../db/transaction.ts';
import type { CountFailure } from '../../lib/background-task.ts';
import type { Log } from '../../lib/log.ts';
import { pause } from '../../lib/pause.ts';
import type { RequestContext } from '../../request-context.ts';
import { changeTrackingLocked, computeChange, type TrackingOperation } from '../tracking/change-tracking.ts';
import type { TrackingDraft } from '../tracking/tracking-draft.ts';
import { type BackfillProgress, type BackfillSample, type ClaimedBackfill, MAX_SAMPLES } from './backfill.ts';
import { listUserIds, saveProgress } from './backfills.store.ts';

interface BackfillContext extends Pick<RequestContext, 'db' | 'now' | 'countWrites'> {
  log: Log;
  countFailure: CountFailure;
  /** The name of this replica. */
  replicaId: string;
  stop: AbortSignal;
  /** The error of the attempt before; undefined when it failed in another replica. */
  lastError: unknown;
}

/**
 * Time after which each write that was in flight at the start has ended, with a margin: a transaction takes at most 2.5
 * s. Such a write may have been computed before the definition was active, and does not award the badge.
 */
const IN_FLIGHT_WRITES_MS = 3000;
/** Users of one query. */
const BATCH_SIZE = 100;
/** Time between two reports of progress, well within the lease. */
const REPORT_MS = 1000;
/** Attempts at a user. After as many failures or kills, the next attempt continues with the user after it. */
const MAX_ATTEMPTS = 5;
/**
 * From this attempt on, the first batch reports after each user, so that a user that fails is the next one to examine.
 */
const FIRST_RETRY = 2;

/**
 * Examines the users after the last one, each by itself, as soon as writes in flight have ended. The badges of a user
 * are saved together with the progress, so that a replica that continues after a kill counts each badge once. It pauses
 * as long as each batch took.
 * @returns whether all users were examined; false when it was stopped
 * @throws an error when another replica has taken it over
 */
export async function backfillUsers(context: BackfillContext, backfill: ClaimedBackfill): Promise<boolean> {
  const run = new BackfillRun(context, backfill);
  if (backfill.isFirstClaim && !backfill.dryRun) await pause(IN_FLIGHT_WRITES_MS, context.stop);
  if (backfill.attempts > MAX_ATTEMPTS) await run.skipUser();
  for (;;) {
    const startedAt = performance.now();
    const result = await run.examineBatch();
    if (result !== 'more') return result === 'all';
    await pause(performance.now() - startedAt, context.stop);
  }
}

class BackfillRun {
  readonly #context: BackfillContext;
  readonly #backfill: ClaimedBackfill;
  #progress: BackfillProgress;
  #reportedAt = performance.now();
  #reportMs: number;

  constructor(context: BackfillContext, backfill: ClaimedBackfill) {
    this.#context = context;
    this.#backfill = backfill;
    const { id, lastUserId, samples, attempts } = backfill;
    this.#progress = { id, lastUserId, samples, usersExamined: 0, badgesAwarded: 0 };
    this.#reportMs = attempts < FIRST_RETRY ? REPORT_MS : 0;
  }

  /** Leaves the next user out, whose examination has failed too often. The user after it gets as many attempts. */
  async skipUser(): Promise<void> {
    const { db, log, countFailure, lastError } = this.#context;
    const { id, lastUserId } = this.#backfill;
    const [userId] = await listUserIds(db, { after: lastUserId, limit: 1 });
    if (userId === undefined) return;
    log.error({ backfill: id, err: lastError }, 'badge backfill skips a user whose examination fails');
    countFailure('backfill_user');
    this.#progress = { ...this.#progress, lastUserId: userId, usersExamined: 1 };
    await this.#report();
  }

  async examineBatch(): Promise<'all' | 'more' | 'stopped'> {
    const { db, stop } = this.#context;
    const userIds = await listUserIds(db, { after: this.#progress.lastUserId, limit: BATCH_SIZE });
    let isActive = true;
    for (const userId of userIds) {
      if (stop.aborted || !isActive) break;
      isActive = await this.#examine(userId);
      if (performance.now() - this.#reportedAt > this.#reportMs) await this.#report();
    }
    await this.#report();
    this.#reportMs = REPORT_MS;
    if (stop.aborted) return 'stopped';
    return userIds.length === 0 || !isActive ? 'all' : 'more';
  }

  /** Returns whether the definition is active. */
  async #examine(userId: string): Promise<boolean> {
    const { db } = this.#context;
    const { definitionKey, dryRun } = this.#backfill;
    const operation: TrackingOperation<boolean> = {
      request: { userId },
      evaluates: definitionKey,
      apply: (_, definitions) => definitions.has(definitionKey),
    };
    const { draft, result: isActive } = await computeChange(db, this.#context, operation);
    if (isActive && !dryRun && !draft.isUnchanged) await this.#award(userId, operation);
    else if (isActive) this.#progress = this.#after(userId, draft);
    return isActive;
  }

  async #award(userId: string, operation: TrackingOperation<boolean>): Promise<void> {
    const saved = await inTransaction(this.#context.db, async (tx) => {
      await lockAuthUser(tx, userId);
      const { draft } = await changeTrackingLocked(tx, this.#context, operation);
      const progress = this.#after(userId, draft);
      await this.#save(tx, progress);
      return progress;
    });
    this.#restart(saved);
  }

  /** Returns the progress after a user. */
  #after(userId: string, draft: TrackingDraft): BackfillProgress {
    const { definitionKey } = this.#backfill;
    const awards = draft.change.awards.filter((award) => award.definitionKey === definitionKey);
    const samples = awards.map(({ awardKey, dateAchieved }): BackfillSample => ({ userId, awardKey, dateAchieved }));
    return {
      ...this.#progress,
      lastUserId: userId,
      usersExamined: this.#progress.usersExamined + 1,
      badgesAwarded: this.#progress.badgesAwarded + awards.length,
      samples: [...this.#progress.samples, ...samples].slice(0, MAX_SAMPLES),
    };
  }

  async #report(): Promise<void> {
    await this.#save(this.#context.db, this.#progress);
    this.#restart(this.#progress);
  }

  async #save(db: Db, progress: BackfillProgress): Promise<void> {
    if (await saveProgress(db, this.#context.replicaId, progress)) return;
    throw new Error('Another replica has taken the backfill over');
  }

  /** Counts from the saved progress on. */
  #restart({ lastUserId, samples }: BackfillProgress): void {
    const { id } = this.#backfill;
    this.#progress = { id, lastUserId, samples, usersExamined: 0, badgesAwarded: 0 };
    this.#reportedAt = performance.now();
  }
}
