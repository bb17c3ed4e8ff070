import { setTimeout as sleep } from 'node:timers/promises';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import {
  detectResources,
  envDetector,
  resourceFromAttributes,
  serviceInstanceIdDetector,
} from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  type SpanExporter,
  type SpanProcessor,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { FastifyInstance } from 'fastify';
import type { Log } from '../lib/log.ts';
import type { TracingOptions } from '../lib/tracing-options.ts';
import { VERSION } from '../lib/version.ts';
import { DroppedSpans } from './dropped-spans.ts';
import { traceCalls } from './trace-calls.ts';
import { traceOperations } from './trace-operations.ts';
import { traceRequests } from './trace-requests.ts';
import { traceStatements } from './trace-statements.ts';

export interface Tracing {
  /** Adds the hooks that record requests. Call it before other hooks are added. */
  traceRequests(http: FastifyInstance): void;
  /** Sends the spans that wait, for at most three seconds, and stops. */
  stop(): Promise<void>;
}

const SERVICE_NAME = 'user-service';
/** Time limit of the last export, within the shutdown. */
const FLUSH_TIMEOUT_MS = 3000;
/** Maximum number of spans that wait for the export of a batch. */
const MAX_WAITING_SPANS = 2048;
const PARENT_BASED = 'parentbased_';

/**
 * Starts tracing: spans are sent in batches to the collector, and dropped when it does not accept them.
 * @param countDropped called with the number of spans that are dropped
 */
export function startTracing(options: TracingOptions, log: Log, countDropped: (spans: number) => void): Tracing {
  const dropped = new DroppedSpans({ log, countDropped });
  const detected = detectResources({ detectors: [envDetector, serviceInstanceIdDetector] });
  const provider = new TracerProvider({
    sampler: createSampler(options),
    resource: resourceFromAttributes({ 'service.name': SERVICE_NAME, 'service.version': VERSION }).merge(detected),
    spanProcessors: [createProcessor(new OTLPTraceExporter({ url: options.url }), dropped)],
  });
  const tracer = provider.getTracer(SERVICE_NAME, VERSION);
  const subscriptions = [...traceStatements(tracer), ...traceOperations(tracer), ...traceCalls(tracer)];
  const followsParent = options.sampler.startsWith(PARENT_BASED);
  return {
    traceRequests: (http) => traceRequests(http, { tracer, followsParent }),
    stop: async () => {
      for (const end of subscriptions) end();
      await Promise.race([provider.shutdown(), sleep(FLUSH_TIMEOUT_MS, undefined, { ref: false })]);
      dropped.stop();
    },
  };
}

function createSampler({ sampler, ratio }: TracingOptions): Sampler {
  const root = createRootSampler(sampler.replace(PARENT_BASED, ''), ratio);
  return sampler.startsWith(PARENT_BASED) ? new ParentBasedSampler({ root }) : root;
}

function createRootSampler(name: string, ratio: number): Sampler {
  if (name === 'always_off') return new AlwaysOffSampler();
  return name === 'traceidratio' ? new TraceIdRatioBasedSampler(ratio) : new AlwaysOnSampler();
}

/**
 * Creates the processor that sends spans in batches. It counts the spans that wait itself, because the library drops
 * those over the size of its queue without a trace.
 */
function createProcessor(exporter: SpanExporter, dropped: DroppedSpans): SpanProcessor {
  let waiting = 0;
  const batches = new BatchSpanProcessor({
    maxQueueSize: MAX_WAITING_SPANS,
    exporter: {
      export: (spans, done) => {
        waiting -= spans.length;
        exporter.export(spans, ({ code, error }) => {
          if (code !== 0) dropped.add(spans.length, error);
          // NOTE: a failed export is no error of the processor
          done({ code: 0 });
        });
      },
      shutdown: () => exporter.shutdown(),
    },
  });
  return {
    onStart: () => undefined,
    onEnd: (span) => {
      if (waiting >= MAX_WAITING_SPANS) return dropped.add(1);
      waiting++;
      batches.onEnd(span);
    },
    forceFlush: () => batches.forceFlush(),
    shutdown: () => batches.shutdown(),
  };
}
