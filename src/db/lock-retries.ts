import { setTimeout as sleep } from 'node:timers/promises';
import { isLockTimeout } from './errors.ts';

/**
 * How long a statement of an administrative program waits for a lock, in milliseconds. Requests queue behind it, or
 * behind the locks that its transaction already holds, and must not fail.
 */
export const LOCK_TIMEOUT_MS = 300;
/** Average pause before the next attempt, in which the requests that waited can run. */
const PAUSE_MS = 1000;
/** How long a program tries again for want of a lock. */
const RETRY_FOR_MS = 120_000;

export type Print = (line: string) => void;

/** The attempts of one piece of work that waits for the lock of a table or a row. */
export class LockRetries {
  readonly #locked: string;
  readonly #print: Print;
  #startedAt: number | undefined;

  /** @param locked the object that another transaction has locked, such as `a table` */
  constructor(locked: string, print: Print) {
    this.#locked = locked;
    this.#print = print;
  }

  /**
   * Waits before the next attempt.
   * @throws Error when attempts have failed for two minutes
   */
  async pause(error: Error): Promise<void> {
    this.#startedAt ??= performance.now();
    const seconds = Math.round((performance.now() - this.#startedAt) / 1000);
    if (seconds * 1000 >= RETRY_FOR_MS) {
      throw new Error(
        `another transaction has held a lock on ${this.#locked} for ${seconds} s: end it, or run the command again later`,
        { cause: error },
      );
    }
    this.#print(`another transaction has locked ${this.#locked}; retrying for ${seconds} s so far`);
    await sleep(PAUSE_MS * (0.5 + Math.random()));
  }
}

/**
 * Repeats `attempt` after the timeout of a lock.
 * @param retries its `pause` waits before the next attempt, or throws after the last one
 */
export async function retryLockTimeouts<Result>(
  retries: { pause: (error: Error) => unknown },
  attempt: () => Promise<Result>,
): Promise<Result> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!isLockTimeout(error)) throw error;
      await retries.pause(error);
    }
  }
}
