import type { Response } from './connection.ts';

/** The results of one loop of requests. */
export interface Outcome {
  /** Responses with status 200 and without GraphQL errors. */
  succeeded: number;
  /** Responses with status 503 or 429. */
  rejected: number;
  /** All other responses and broken connections. */
  failed: number;
  /** The failures by status, `broken` for a lost connection, or `errors` for GraphQL errors. */
  failures: Record<string, number>;
  /** From the first request to the last response. */
  seconds: number;
  /** Latency of successful responses, in milliseconds. */
  latency: Percentiles;
  /** Latency of rejections, in milliseconds. */
  rejectionLatency: Percentiles;
}

interface Percentiles {
  p50: number;
  p99: number;
  max: number;
}

export class OutcomeRecorder {
  readonly #start = performance.now();
  readonly #succeeded: number[] = [];
  readonly #rejected: number[] = [];
  readonly #failures: Record<string, number> = {};

  /** @param startedAt when the request was sent or, in an open loop, due; a value of `performance.now()` */
  record({ status, hasErrors }: Response, startedAt: number): void {
    const ms = performance.now() - startedAt;
    if (status === 200 && !hasErrors) this.#succeeded.push(ms);
    else if (status === 503 || status === 429) this.#rejected.push(ms);
    else this.#recordFailure(status === 0 ? 'broken' : hasErrors ? 'errors' : String(status));
  }

  #recordFailure(reason: string): void {
    this.#failures[reason] = (this.#failures[reason] ?? 0) + 1;
  }

  outcome(): Outcome {
    return {
      succeeded: this.#succeeded.length,
      rejected: this.#rejected.length,
      failed: Object.values(this.#failures).reduce((sum, count) => sum + count, 0),
      failures: this.#failures,
      seconds: (performance.now() - this.#start) / 1000,
      latency: percentiles(this.#succeeded),
      rejectionLatency: percentiles(this.#rejected),
    };
  }
}

function percentiles(values: readonly number[]): Percentiles {
  const sorted = Float64Array.from(values).sort();
  const at = (share: number) => sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)] ?? 0;
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}
