import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';

const BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** Minimum time between the starts of two renderings. One takes about 2 ms of CPU time. */
const RENDER_INTERVAL_MS = 50;

export interface Metrics {
  registry: Registry;
  /** Counts a request that was rejected by the concurrency limit. */
  countRejection: () => void;
  /** Counts a connection that was closed because of a limit. */
  countClosed: (reason: string) => void;
  /** Counts a GraphQL operation by its executor. */
  countOperation: (compiled: boolean) => void;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const rejected = new Counter({
    name: 'http_requests_rejected_total',
    help: 'Requests rejected by the concurrency limit',
    registers: [registry],
  });
  const closed = new Counter({
    name: 'http_connections_closed_total',
    help: 'Connections closed because of a limit, by reason',
    labelNames: ['reason'],
    registers: [registry],
  });
  const operations = new Counter({
    name: 'graphql_operations_total',
    help: 'GraphQL operations by executor',
    labelNames: ['executor'],
    registers: [registry],
  });
  return {
    registry,
    countRejection: () => rejected.inc(),
    countClosed: (reason) => closed.inc({ reason }),
    countOperation: (compiled) => operations.inc({ executor: compiled ? 'compiled' : 'graphql-js' }),
  };
}

/** Measures the duration of each request of the server by method, route and status. */
export function measureRequests(http: FastifyInstance, { registry }: Metrics): void {
  const durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Request durations by route',
    labelNames: ['method', 'route', 'status'],
    buckets: BUCKETS_SECONDS,
    registers: [registry],
  });
  http.addHook('onResponse', async ({ method, routeOptions }, { statusCode, elapsedTime }) => {
    durations.observe({ method, route: routeOptions.url ?? 'none', status: statusCode }, elapsedTime / 1000);
  });
}

/** Adds `/metrics` in Prometheus' text format. */
export function addMetricsRoute(http: FastifyInstance, { registry }: Metrics): void {
  const render = limitRate(() => registry.metrics());
  http.get('/metrics', { schema: { hide: true } }, async (_request, reply) => {
    return reply.type(registry.contentType).send(await render());
  });
}

/** Returns a function whose calls start no more than 20 renderings a second. Calls that wait share the next one. */
function limitRate(render: () => Promise<string>): () => Promise<string> {
  let startedAt = Number.NEGATIVE_INFINITY;
  let next: Promise<string> | undefined;
  const start = () => {
    startedAt = performance.now();
    next = undefined;
    return render();
  };
  return () => {
    const waitMs = startedAt + RENDER_INTERVAL_MS - performance.now();
    if (next === undefined && waitMs <= 0) return start();
    next ??= sleep(waitMs).then(start);
    return next;
  };
}
