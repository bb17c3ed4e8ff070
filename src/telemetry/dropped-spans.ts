import type { Log } from '../lib/log.ts';

interface DroppedSpansOptions {
  log: Pick<Log, 'warn'>;
  /** Called with the number of spans that are dropped. */
  countDropped: (spans: number) => void;
  /** Minimum time between two log lines, in milliseconds; a minute by default. */
  intervalMs?: number;
}

/** Counts dropped spans, and logs their number at once, and then at most once in each interval. */
export class DroppedSpans {
  readonly #options: DroppedSpansOptions;
  #dropped = 0;
  #error: Error | undefined;
  /** Set from a log line on until the interval is over. */
  #timer: NodeJS.Timeout | undefined;

  constructor(options: DroppedSpansOptions) {
    this.#options = options;
  }

  /** Counts spans that are dropped: because of the error, or because too many others wait. */
  add(spans: number, error?: Error): void {
    this.#options.countDropped(spans);
    this.#dropped += spans;
    this.#error = error ?? this.#error;
    if (this.#timer === undefined) this.#log();
  }

  /** Logs the spans that no line has yet, and ends. */
  stop(): void {
    clearTimeout(this.#timer);
    if (this.#dropped > 0) this.#write();
  }

  readonly #log = (): void => {
    this.#timer = undefined;
    if (this.#dropped === 0) return;
    this.#write();
    this.#timer = setTimeout(this.#log, this.#options.intervalMs ?? 60_000).unref();
  };

  #write(): void {
    this.#options.log.warn({ err: this.#error, spans: this.#dropped }, 'spans could not be exported');
    this.#dropped = 0;
    this.#error = undefined;
  }
}
