import { E_TIMEOUT, Semaphore, withTimeout } from 'async-mutex';

interface WeightedSemaphoreOptions {
  /** The maximum sum of the acquired weights. */
  capacity: number;
  /** The maximum sum of the weights of suspended permits. */
  maxSuspended: number;
  maxWaitMs: number;
}

/** An acquired weight. */
export interface Permit {
  release(): void;
  /**
   * Lets other callers acquire the weight until `resume`. That does not wait, so the sum of the acquired weights can
   * then exceed the capacity. Returns false when the suspended permits have too much weight.
   */
  suspend(): boolean;
  resume(): void;
}

/** Returns whether an acquisition was rejected because it has waited for the maximum time. */
export function isAcquireTimeout(error: unknown): boolean {
  return error === E_TIMEOUT;
}

/**
 * A semaphore whose permits have weights, which are at most its capacity. They are granted in the order of the calls,
 * apart from head starts.
 */
export class WeightedSemaphore {
  readonly #semaphore: Semaphore;
  readonly #withinTime: ReturnType<typeof withTimeout>;
  readonly #maxSuspended: number;
  #waiting = 0;
  #suspended = 0;

  constructor({ capacity, maxSuspended, maxWaitMs }: WeightedSemaphoreOptions) {
    this.#semaphore = new Semaphore(capacity);
    this.#withinTime = withTimeout(this.#semaphore, maxWaitMs);
    this.#maxSuspended = maxSuspended;
  }

  /**
   * Waits until the weight fits. Only an acquisition that has to wait gets a timer. With one for each, V8 moved most of
   * what the callers hold to its old generation.
   * @param headStartMs the acquisition comes before those that have waited for less than this time
   * @throws an error of which `isAcquireTimeout` returns true
   */
  async acquire(weight: number, headStartMs = 0): Promise<Permit> {
    if (this.#waiting === 0 && this.#semaphore.getValue() >= weight) {
      // NOTE: the highest priority, because async-mutex keeps acquisitions in its queue whose time is over
      const [, release] = await this.#semaphore.acquire(weight, Number.POSITIVE_INFINITY);
      return this.#permit(weight, release);
    }
    this.#waiting++;
    try {
      const [, release] = await this.#withinTime.acquire(weight, headStartMs - performance.now());
      return this.#permit(weight, release);
    } finally {
      this.#waiting--;
    }
  }

  #permit(weight: number, release: () => void): Permit {
    let isSuspended = false;
    let isReleased = false;
    return {
      release: () => {
        isReleased = true;
        if (!isSuspended) release();
      },
      suspend: () => {
        if (isReleased) return true;
        if (this.#suspended + weight > this.#maxSuspended) return false;
        isSuspended = true;
        this.#suspended += weight;
        this.#semaphore.release(weight);
        return true;
      },
      resume: () => {
        if (!isSuspended) return;
        isSuspended = false;
        this.#suspended -= weight;
        if (!isReleased) this.#semaphore.setValue(this.#semaphore.getValue() - weight);
      },
    };
  }
}
