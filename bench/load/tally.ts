import type { Answer } from './connection.ts';

/** What came of a burst of requests. */
export interface Outcome {
  /** Answers that are as they should be. */
  good: number;
  /** Refusals: 503 and 429. */
  refused: number;
  /** Everything else. */
  failed: number;
  /** How often it was which status, `broken` connection, or `errors` in a GraphQL answer. */
  failures: Record<string, number>;
  /** From the first request to the last answer. */
  seconds: number;
  /** Milliseconds, of good answers and of refusals. */
  latency: Percentiles;
  refusalLatency: Percentiles;
}

export interface Percentiles {
  p50: number;
  p99: number;
  max: number;
}

export class Tally {
  readonly #start = performance.now();
  readonly #good: number[] = [];
  readonly #refused: number[] = [];
  readonly #failures: Record<string, number> = {};

  /** @param since when the request was sent or, on a schedule, was to be sent: by `performance.now()` */
  add({ status, hasErrors }: Answer, since: number): void {
    const ms = performance.now() - since;
    if (status === 200 && !hasErrors) this.#good.push(ms);
    else if (status === 503 || status === 429) this.#refused.push(ms);
    else this.#fail(status === 0 ? 'broken' : hasErrors ? 'errors' : String(status));
  }

  #fail(reason: string): void {
    this.#failures[reason] = (this.#failures[reason] ?? 0) + 1;
  }

  outcome(): Outcome {
    return {
      good: this.#good.length,
      refused: this.#refused.length,
      failed: Object.values(this.#failures).reduce((sum, times) => sum + times, 0),
      failures: this.#failures,
      seconds: (performance.now() - this.#start) / 1000,
      latency: percentiles(this.#good),
      refusalLatency: percentiles(this.#refused),
    };
  }
}

function percentiles(values: readonly number[]): Percentiles {
  const sorted = Float64Array.from(values).sort();
  const at = (share: number) => sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)] ?? 0;
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}
