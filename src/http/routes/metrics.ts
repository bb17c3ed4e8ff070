import type { FastifyInstance } from 'fastify';
import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';

const BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

export interface Metrics {
  registry: Registry;
  /** Counts a request that was rejected by the concurrency limit. */
  countRejection: () => void;
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
  const operations = new Counter({
    name: 'graphql_operations_total',
    help: 'GraphQL operations by executor',
    labelNames: ['executor'],
    registers: [registry],
  });
  return {
    registry,
    countRejection: () => rejected.inc(),
    countOperation: (compiled) => operations.inc({ executor: compiled ? 'compiled' : 'graphql-js' }),
  };
}

/** Adds `/metrics` in Prometheus' text format: the process, and request durations by method, route and status. */
export function addMetrics(http: FastifyInstance, { registry }: Metrics): void {
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
  http.get('/metrics', { schema: { hide: true } }, async (_request, reply) => {
    return reply.type(registry.contentType).send(await registry.metrics());
  });
}
