/** Interval at which the time is counted. */
const TICK_MS = 50;

/** The time limit of some work was reached. */
export class TimeLimitError extends Error {
  constructor(limitMs: number) {
    super(`no response within ${limitMs} ms`);
    this.name = 'TimeLimitError';
  }
}

/**
 * Runs the work with a time limit; at its end, the work's signal is aborted. The time is counted in ticks. An event
 * loop that is blocked delays the ticks as it delays the responses, so its delay is not counted.
 * @throws {TimeLimitError}
 */
export async function withTimeLimit<Result>(
  limitMs: number,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  const { promise: limit, reject } = Promise.withResolvers<never>();
  let elapsedMs = 0;
  const ticks = setInterval(() => {
    elapsedMs += TICK_MS;
    if (elapsedMs >= limitMs) reject(new TimeLimitError(limitMs));
  }, TICK_MS);
  try {
    return await Promise.race([work(controller.signal), limit]);
  } finally {
    clearInterval(ticks);
    controller.abort();
  }
}
