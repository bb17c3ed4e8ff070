import { performance } from 'node:perf_hooks';

/** A request that takes at most this long is fast; also the time in which the requests in flight should finish. */
const TARGET_MS = 100;
/** The limit never falls below this, since a few requests that wait for a dependency are no overload. */
const MIN_LIMIT = 100;
/** Length of a measurement window. */
const WINDOW_MS = 50;
/** A queue stands when fewer than one in this many requests is fast. */
const MIN_FAST_SHARE = 10;
/** A burst passes when the measured rate finishes it in this time. */
const BURST_MS = 500;
/** The limit is lifted when it has rejected no request for this long. */
const RECOVERY_MS = 500;

/** A monotonic clock and the thread's active time, both in milliseconds. */
export interface Clock {
  now: () => number;
  activeTime: () => number;
}

export const PROCESS_CLOCK: Clock = {
  now: () => performance.now(),
  activeTime: () => performance.eventLoopUtilization().active,
};

/**
 * An adaptive concurrency limit. While requests are fast there is no limit, so that bursts pass. Once hardly any
 * request is fast, the limit is the number that finishes within 100 ms (Little's law: rate x time). The limit lasts
 * until no request has been rejected for half a second.
 *
 * "Hardly any request is fast" is CoDel's criterion for a standing queue (RFC 8289, section 3). On a busy thread the
 * limit starts earlier: when the requests in flight would take more than 500 ms at the measured rate.
 */
export class AdaptiveLimit {
  readonly #clock: Clock;
  /** Start of the current window; undefined until the next request finishes. */
  #windowStart: number | undefined;
  #activeAtStart = 0;
  #finished = 0;
  #fast = 0;
  /** The latest time at which the limit was exceeded. */
  #exceededAt = 0;
  /** Finished requests per millisecond, smoothed. */
  #rate = 0;
  #isActive = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Returns the request's start time, for `finish`.
   * @param inFlight including the request
   */
  start(inFlight: number): number {
    if (inFlight === MIN_LIMIT && !this.#isActive) this.#windowStart = undefined;
    return this.#clock.now();
  }

  /** Returns whether a request that ends now is a fast one. */
  isFast(startedAt: number): boolean {
    return this.#clock.now() - startedAt <= TARGET_MS;
  }

  /** @param inFlight excluding the request */
  finish(startedAt: number, inFlight: number): void {
    const now = this.#clock.now();
    this.#finished++;
    if (this.isFast(startedAt)) this.#fast++;
    if (this.#windowStart !== undefined) {
      const ms = now - this.#windowStart;
      if (ms < WINDOW_MS) return;
      this.#endWindow(now, ms, inFlight);
    }
    this.#startWindow(now);
  }

  /** Returns whether one more request exceeds the limit; the caller then rejects it. */
  rejects(inFlight: number): boolean {
    if (!this.#isActive || inFlight < Math.max(MIN_LIMIT, this.#rate * TARGET_MS)) return false;
    this.#exceededAt = this.#clock.now();
    return true;
  }

  #startWindow(now: number): void {
    this.#windowStart = now;
    this.#activeAtStart = this.#clock.activeTime();
    this.#finished = this.#fast = 0;
  }

  #endWindow(now: number, ms: number, inFlight: number): void {
    this.#rate = (this.#rate + this.#finished / ms) / 2;
    if (inFlight >= MIN_LIMIT && (this.#hasStandingQueue() || this.#willHaveStandingQueue(ms, inFlight))) {
      this.#isActive = true;
      this.#exceededAt = now;
    } else if (now - this.#exceededAt > RECOVERY_MS) this.#isActive = false;
  }

  #hasStandingQueue(): boolean {
    return this.#fast * MIN_FAST_SHARE < this.#finished;
  }

  /** On an idle thread, requests wait for a dependency, and more of them are no load. */
  #willHaveStandingQueue(ms: number, inFlight: number): boolean {
    const isBusy = this.#clock.activeTime() - this.#activeAtStart > ms / 2;
    return isBusy && inFlight * ms > this.#finished * BURST_MS;
  }
}
