import { performance } from 'node:perf_hooks';

/** Who is answered within this is quick. */
const QUICK_MS = 100;
/** So many may run in any case: a few that wait long for somebody else are no reason to refuse anybody. */
const ALWAYS_ADMITTED = 100;
const WINDOW_MS = 50;
/** One in so many is quick, or the queue stands. */
const QUICK_SHARE = 10;
/** A burst is let through if it will be over in this. */
const BURST_MS = 500;
/** There are no longer too many when nobody had to be refused for so long: a busy thread looks at what came now and then. */
const CALM_MS = 500;

/** Milliseconds from a clock that is never set, and how many of them this thread has worked. */
export interface Clock {
  now: () => number;
  worked: () => number;
}

/** The process's own. */
export const CLOCK: Clock = {
  now: () => performance.now(),
  worked: () => performance.eventLoopUtilization().active,
};

/**
 * How many requests may run at once so that none of them waits long for its turn. While they are quick, any number: a
 * burst is let through. Once hardly any is, only as many as are finished in 100 ms (Little's law), until nobody has to be
 * refused for half a second. So whatever is sent to it, the service goes on at its full speed, and is not late with what it does.
 *
 * That hardly anybody is quick is CoDel's sign of a queue that stands (RFC 8289). That some are slow is none. A thread that
 * is busy need not wait for that sign: what it will need for all that runs can be told from what it has finished.
 */
export class Backlog {
  readonly #clock: Clock;
  /** A window begins when a request finishes, and ends so; undefined until the next one does. */
  #windowStart: number | undefined;
  #workedBefore = 0;
  #finished = 0;
  #quick = 0;
  /** When there were too many, as far as is known. */
  #tooManyAt = 0;
  /** Finished per millisecond, smoothed. */
  #rate = 0;
  #isStanding = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * When it starts, for `finish`.
   * @param running with this one
   */
  start(running: number): number {
    if (running === ALWAYS_ADMITTED && !this.#isStanding) this.#windowStart = undefined;
    return this.#clock.now();
  }

  /** @param running without this one */
  finish(startedAt: number, running: number): void {
    const now = this.#clock.now();
    this.#finished++;
    if (now - startedAt <= QUICK_MS) this.#quick++;
    if (this.#windowStart !== undefined) {
      const ms = now - this.#windowStart;
      if (ms < WINDOW_MS) return;
      this.#look(now, ms, running);
    }
    this.#begin(now);
  }

  /** Whether one more is too many; if so it is taken for refused. */
  refuses(running: number): boolean {
    if (!this.#isStanding || running < Math.max(ALWAYS_ADMITTED, this.#rate * QUICK_MS)) return false;
    this.#tooManyAt = this.#clock.now();
    return true;
  }

  #begin(now: number): void {
    this.#windowStart = now;
    this.#workedBefore = this.#clock.worked();
    this.#finished = this.#quick = 0;
  }

  #look(now: number, ms: number, running: number): void {
    this.#rate = (this.#rate + this.#finished / ms) / 2;
    if (running >= ALWAYS_ADMITTED && (this.#isLate() || this.#willBeLate(ms, running))) {
      this.#isStanding = true;
      this.#tooManyAt = now;
    } else if (now - this.#tooManyAt > CALM_MS) this.#isStanding = false;
  }

  #isLate(): boolean {
    return this.#quick * QUICK_SHARE < this.#finished;
  }

  /** Where the thread is not busy, requests wait for somebody else, and more of them are no burden. */
  #willBeLate(ms: number, running: number): boolean {
    const isBusy = this.#clock.worked() - this.#workedBefore > ms / 2;
    return isBusy && running * ms > this.#finished * BURST_MS;
  }
}
