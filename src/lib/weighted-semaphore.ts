import { Semaphore, withTimeout } from 'async-mutex';

interface WeightedSemaphoreOptions {
  /** The maximum sum of the acquired weights. */
  capacity: number;
  /** The maximum sum of the weights of suspended permits. */
  maxSuspended: number;
  maxWaitMs: number;
  /** The error of an acquisition that has waited for the maximum time. */
  timeoutError: Error;
}

/**
 * A semaphore whose permits have weights, which are at most its capacity. They are granted in the order of the calls.
 */
export class WeightedSemaphore {
  readonly #semaphore: Semaphore;
  readonly #withinTime: ReturnType<typeof withTimeout>;
  readonly #maxSuspended: number;
  #waiting = 0;
  #suspended = 0;

  constructor({ capacity, maxSuspended, maxWaitMs, timeoutError }: WeightedSemaphoreOptions) {
    this.#semaphore = new Semaphore(capacity);
    this.#withinTime = withTimeout(this.#semaphore, maxWaitMs, timeoutError);
    this.#maxSuspended = maxSuspended;
  }

  /**
   * Waits until the weight fits. Only an acquisition that has to wait gets a timer. With one for each, V8 moved most of
   * what the callers hold to its old generation.
   * @param headStartMs the acquisition comes before those that have waited for less than this time
   */
  async acquire(weight: number, headStartMs = 0): Promise<Permit> {
    if (this.#waiting === 0 && this.#semaphore.getValue() >= weight) {
      // NOTE: the highest priority, because async-mutex keeps acquisitions in its queue whose time is over
      const [, release] = await this.#semaphore.acquire(weight, Number.POSITIVE_INFINITY);
      return new Permit(this, weight, release);
    }
    this.#waiting++;
    try {
      const [, release] = await this.#withinTime.acquire(weight, headStartMs - performance.now());
      return new Permit(this, weight, release);
    } finally {
      this.#waiting--;
    }
  }

  /** Releases the weight of a permit until `resume`. Returns false when the suspended permits have too much weight. */
  suspend(weight: number): boolean {
    if (this.#suspended + weight > this.#maxSuspended) return false;
    this.#suspended += weight;
    this.#semaphore.release(weight);
    return true;
  }

  /** Ends a suspension. The weight is acquired again without a wait, unless the permit was released meanwhile. */
  resume(weight: number, isReleased: boolean): void {
    this.#suspended -= weight;
    if (!isReleased) this.#semaphore.setValue(this.#semaphore.getValue() - weight);
  }
}

/** An acquired weight. */
export class Permit {
  readonly #semaphore: WeightedSemaphore;
  readonly #weight: number;
  readonly #release: () => void;
  #isSuspended = false;
  #isReleased = false;

  constructor(semaphore: WeightedSemaphore, weight: number, release: () => void) {
    this.#semaphore = semaphore;
    this.#weight = weight;
    this.#release = release;
  }

  release(): void {
    this.#isReleased = true;
    if (!this.#isSuspended) this.#release();
  }

  /**
   * Lets other callers acquire the weight until `resume`. That does not wait, so the sum of the acquired weights can
   * then exceed the capacity. Returns false when the suspended permits have too much weight.
   */
  suspend(): boolean {
    if (this.#isReleased) return true;
    this.#isSuspended = this.#semaphore.suspend(this.#weight);
    return this.#isSuspended;
  }

  resume(): void {
    if (!this.#isSuspended) return;
    this.#isSuspended = false;
    this.#semaphore.resume(this.#weight, this.#isReleased);
  }
}
