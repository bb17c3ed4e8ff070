import type { Metric, Registry } from '@prometheus-io/client';

/** Upper bounds of all durations, in seconds: handlers end within 3 s, and most queries within a few milliseconds. */
const BOUNDS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

interface HistogramOptions {
  name: string;
  help: string;
}

type Labels = Readonly<Record<string, string | number>>;

interface Exemplar {
  labelSet: Labels;
  value: number;
  /** Seconds since 1970. */
  timestamp: number;
}

interface Value {
  metricName: string;
  labels: Labels;
  value: number;
  exemplar?: Exemplar | undefined;
}

/** The durations of one set of labels. */
export class DurationSeries {
  readonly #labels: Labels;
  /** The observations up to each bound and above the one before it; the last ones are above all bounds. */
  readonly #counts: number[] = new Array(BOUNDS_SECONDS.length + 1).fill(0);
  readonly #exemplars: Exemplar[] = [];
  #sum = 0;

  constructor(labels: Labels) {
    this.#labels = labels;
  }

  /** Counts a duration. The trace in which it was measured becomes the exemplar of its bucket. */
  observe(seconds: number, traceId?: string): void {
    let index = 0;
    while (seconds > (BOUNDS_SECONDS[index] ?? Number.POSITIVE_INFINITY)) index++;
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    this.#sum += seconds;
    if (traceId === undefined) return;
    this.#exemplars[index] = { labelSet: { trace_id: traceId }, value: seconds, timestamp: Date.now() / 1000 };
  }

  values(name: string): Value[] {
    let count = 0;
    const buckets = this.#counts.map((own, index) => {
      count += own;
      const labels = { le: BOUNDS_SECONDS[index] ?? '+Inf', ...this.#labels };
      return { metricName: `${name}_bucket`, labels, value: count, exemplar: this.#exemplars[index] };
    });
    const labels = this.#labels;
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels, value: this.#sum },
      { metricName: `${name}_count`, labels, value: count },
    ];
  }
}

/**
 * Adds a histogram of durations to the registry, and returns the function that creates a series of it. The library's
 * own histogram builds a key from the labels and converts numbers to text at each observation. Callers of this one keep
 * the series of their labels.
 */
export function durationHistogram(registry: Registry, { name, help }: HistogramOptions) {
  const series: DurationSeries[] = [];
  const metric = {
    name,
    get: async () => ({ name, help, type: 'histogram', values: series.flatMap((one) => one.values(name)) }),
    reset: () => undefined,
  };
  registry.registerMetric(metric as unknown as Metric);
  return (labels: Labels): DurationSeries => {
    const added = new DurationSeries(labels);
    series.push(added);
    return added;
  };
}
