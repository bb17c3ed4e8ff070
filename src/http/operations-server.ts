import type { FastifyInstance } from 'fastify';
import { addHealthRoutes, type Readiness } from './routes/health.ts';
import { recordMethods } from './routes/method-not-allowed.ts';
import { addMetricsRoute, type Exposition } from './routes/metrics.ts';
import { createHttpServer, type HttpOptions } from './server.ts';

/** Maximum requests in flight of the operations server, whose clients are a few probes and scrapers. */
const MAX_IN_FLIGHT = 100;

export interface OperationsOptions extends Omit<HttpOptions, 'concurrency'> {
  readiness: Readiness;
  metrics: Exposition;
}

/** Creates the server of `OPERATIONS_PORT`: health and metrics, with limits of its own. */
export async function createOperationsServer(options: OperationsOptions): Promise<FastifyInstance> {
  const { readiness, metrics } = options;
  const concurrency = { maxInFlight: MAX_IN_FLIGHT, onRejected: () => undefined };
  const http = createHttpServer({ ...options, concurrency });
  const addOtherMethods = recordMethods(http);
  addHealthRoutes(http, readiness);
  addMetricsRoute(http, metrics);
  await addOtherMethods();
  return http;
}
