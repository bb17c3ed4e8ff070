import { Counter, Registry } from '@prometheus-io/client';
import { createAuthServiceMetrics } from './auth-service-metrics.ts';
import { createBackgroundMetrics } from './background-metrics.ts';
import { createDatabaseMetrics } from './database-metrics.ts';
import { createGraphqlMetrics } from './graphql-metrics.ts';
import { createHttpMetrics } from './http-metrics.ts';
import { addProcessMetrics, exportReadiness } from './process-metrics.ts';

export type Metrics = ReturnType<typeof createMetrics>;

/**
 * Creates the metrics of one service. docs/DEPLOYMENT.md lists them. No label value comes from a client, except names
 * of operations, whose number is bounded.
 * @param options.exemplars whether durations have the ids of their traces, which only the format OpenMetrics has
 */
export function createMetrics({ exemplars }: { exemplars: boolean }) {
  const registry = new Registry(exemplars ? Registry.OPENMETRICS_CONTENT_TYPE : Registry.PROMETHEUS_CONTENT_TYPE);
  addProcessMetrics(registry);
  const http = createHttpMetrics(registry);
  const writes = new Counter({
    name: 'user_service_writes_total',
    help: 'Saved writes by kind',
    labelNames: ['kind'],
    registers: [registry],
  });
  return {
    contentType: registry.contentType,
    render: () => registry.metrics(),
    http,
    observeOperation: createGraphqlMetrics(registry, http),
    database: createDatabaseMetrics(registry),
    ...createAuthServiceMetrics(registry),
    ...createBackgroundMetrics(registry),
    exportReadiness: (readiness: () => Promise<string | undefined>): void => exportReadiness(registry, readiness),
    countWrites: (kind: string, count = 1): void => writes.inc({ kind }, count),
  };
}
