/** Who is answered within this is quick. */
const QUICK_MS = 100;
/** So many may run in any case: a few that wait long for somebody else are no reason to refuse anybody. */
const ALWAYS_ADMITTED = 100;
const WINDOW_MS = 100;
/** One in so many is quick, or the queue stands. */
const QUICK_SHARE = 10;

/**
 * How many requests may run at once so that none of them waits long for its turn. While they are quick, any number: a
 * burst is let through. Once hardly any is, only as many as are finished in 100 ms (Little's law), until nobody has to be
 * refused any more. So whatever is sent to it, the service goes on at its full speed, and is not late with what it does.
 *
 * That hardly anybody is quick is CoDel's sign of a queue that stands (RFC 8289). That some are slow is none.
 */
export class Backlog {
  readonly #now: () => number;
  #windowStart: number;
  #finished = 0;
  #quick = 0;
  #refused = 0;
  /** Finished per millisecond, smoothed. */
  #rate = 0;
  #isStanding = false;

  /** @param now milliseconds from a clock that is never set */
  constructor(now: () => number) {
    this.#now = now;
    this.#windowStart = now();
  }

  /** To be told to `finish`. */
  start(): number {
    return this.#now();
  }

  finish(startedAt: number, running: number): void {
    const now = this.#now();
    this.#finished++;
    if (now - startedAt <= QUICK_MS) this.#quick++;
    if (now - this.#windowStart >= WINDOW_MS) this.#turn(now, running);
  }

  /** Whether one more is too many; if so it is taken for refused. */
  refuses(running: number): boolean {
    if (!this.#isStanding || running < Math.max(ALWAYS_ADMITTED, this.#rate * QUICK_MS)) return false;
    this.#refused++;
    return true;
  }

  #turn(now: number, running: number): void {
    this.#rate = (this.#rate + this.#finished / (now - this.#windowStart)) / 2;
    if (running >= ALWAYS_ADMITTED && this.#quick * QUICK_SHARE < this.#finished) this.#isStanding = true;
    else if (this.#refused === 0) this.#isStanding = false;
    this.#windowStart = now;
    this.#finished = this.#quick = this.#refused = 0;
  }
}
