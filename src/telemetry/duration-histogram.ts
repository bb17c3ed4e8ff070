import { Histogram, Registry } from '@prometheus-io/client';

/** Upper bounds of all durations, in seconds: handlers end within 3 s, and most queries within a few milliseconds. */
const BOUNDS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

interface HistogramOptions {
  name: string;
  help: string;
  labelNames: readonly string[];
}

type Labels = Readonly<Record<string, string | number>>;

/**
 * Adds a histogram of durations to the registry, and returns the function that counts a duration. If the registry has
 * the format OpenMetrics, the trace in which the duration was measured becomes the exemplar of its bucket.
 */
export function durationHistogram(registry: Registry, options: HistogramOptions) {
  const enableExemplars = registry.contentType === Registry.OPENMETRICS_CONTENT_TYPE;
  const histogram = new Histogram<string>({
    ...options,
    buckets: BOUNDS_SECONDS,
    enableExemplars,
    registers: [registry],
  });
  return (labels: Labels, seconds: number, traceId?: string): void => {
    if (enableExemplars) {
      histogram.observe({ labels, value: seconds, exemplarLabels: traceId === undefined ? {} : { trace_id: traceId } });
    } else {
      histogram.observe(labels, seconds);
    }
  };
}
