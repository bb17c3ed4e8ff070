import { Semaphore, withTimeout } from 'async-mutex';

interface WeightedSemaphoreOptions {
  /** The maximum sum of the acquired weights. */
  capacity: number;
  maxWaitMs: number;
  /** The error of an acquisition that has waited for the maximum time. */
  timeoutError: Error;
}

/** Acquires a weight of at most the capacity, waits of a higher priority first. Returns the function that releases it. */
type AcquireWeight = (weight: number, priority: number) => Promise<() => void>;

/**
 * Returns the function that acquires a semaphore. Only an acquisition that has to wait gets a timer: with one for each,
 * V8 moved most of what the callers hold to its old generation.
 */
export function weightedSemaphore({ capacity, maxWaitMs, timeoutError }: WeightedSemaphoreOptions): AcquireWeight {
  const semaphore = new Semaphore(capacity);
  const withinTime = withTimeout(semaphore, maxWaitMs, timeoutError);
  let waiting = 0;
  return async (weight, priority) => {
    if (waiting === 0 && semaphore.getValue() >= weight) {
      // NOTE: the highest priority, because async-mutex keeps acquisitions in its queue whose time is over
      const [, release] = await semaphore.acquire(weight, Number.POSITIVE_INFINITY);
      return release;
    }
    waiting++;
    try {
      const [, release] = await withinTime.acquire(weight, priority);
      return release;
    } finally {
      waiting--;
    }
  };
}
