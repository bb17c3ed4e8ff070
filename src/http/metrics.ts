import type { FastifyInstance } from 'fastify';
import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';

const BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

export interface Metrics {
  registry: Registry;
  /** Counts a request that was turned away because too many were running. */
  countRefusal: () => void;
  /** Counts a GraphQL operation by how it was executed. */
  countOperation: (compiled: boolean) => void;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const refused = new Counter({
    name: 'http_requests_refused_total',
    help: 'Requests turned away because too many were running',
    registers: [registry],
  });
  const operations = new Counter({
    name: 'graphql_operations_total',
    help: 'GraphQL operations by how they were executed',
    labelNames: ['executor'],
    registers: [registry],
  });
  return {
    registry,
    countRefusal: () => refused.inc(),
    countOperation: (compiled) => operations.inc({ executor: compiled ? 'compiled' : 'graphql-js' }),
  };
}

/** `/metrics` in Prometheus' text format: the process, and the duration of requests by method, route and status. */
export function addMetrics(http: FastifyInstance, { registry }: Metrics): void {
  const durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'How long requests took, by route',
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
