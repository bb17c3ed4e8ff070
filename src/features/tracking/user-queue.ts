import type { Db } from '../../db/client.ts';
import { tooManyWaiting } from '../../errors.ts';
import { KeyedMutex } from '../../lib/keyed-mutex.ts';
import { memoizeByObject } from '../../lib/memoize-by-object.ts';
import { runQueued } from '../../lib/run-queued.ts';
import type { RequestContext } from '../../request-context.ts';

/** Maximum changes of a user that wait, those by services aside: further ones of that user get RATE_LIMITED. */
const MAX_WAITING = 100;
/**
 * A change by a service comes before those of the user that have waited for less than this time. Older ones end, at the
 * latest, at the time limit of the handler a second later.
 */
const SERVICE_HEAD_START_MS = 2000;

/**
 * Runs a change of a user's data after those before it in this process. So changes neither fail against one another nor
 * wait for the user's row with a connection each. The changes that services make for a user have no limit and a head
 * start. A user could otherwise keep them out, or delay a batch past its time limit.
 * @throws RATE_LIMITED when 100 changes of the viewer wait
 */
export function inUserQueue<Result>(
  context: RequestContext,
  userId: string,
  change: () => Promise<Result>,
): Promise<Result> {
  return queuesOf(context.db).run(context, userId, change);
}

const queuesOf = memoizeByObject((_pool: Db) => new UserQueues());

class UserQueues {
  readonly #mutex = new KeyedMutex();
  /** The changes that users make to their own data, running and waiting. */
  readonly #ownChanges = new Map<string, number>();

  async run<Result>(context: RequestContext, userId: string, change: () => Promise<Result>): Promise<Result> {
    const isOwn = context.viewer?.id === userId;
    if (isOwn) this.#countOwn(userId);
    try {
      const acquire = () => this.#mutex.acquire(userId, isOwn ? 0 : SERVICE_HEAD_START_MS);
      return await runQueued(context, acquire, change);
    } finally {
      if (isOwn) this.#discountOwn(userId);
    }
  }

  #countOwn(userId: string): void {
    const count = this.#ownChanges.get(userId) ?? 0;
    if (count > MAX_WAITING) throw tooManyWaiting();
    this.#ownChanges.set(userId, count + 1);
  }

  #discountOwn(userId: string): void {
    const others = (this.#ownChanges.get(userId) ?? 1) - 1;
    if (others === 0) this.#ownChanges.delete(userId);
    else this.#ownChanges.set(userId, others);
  }
}
