import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';

/** Minimum time between the starts of two renderings, which block the event loop. */
const RENDER_INTERVAL_MS = 50;

/** The metrics in a text format of Prometheus. */
export interface Exposition {
  contentType: string;
  render(): Promise<string>;
}

/** Adds `/metrics`. */
export function addMetricsRoute(http: FastifyInstance, metrics: Exposition): void {
  const render = limitRate(() => metrics.render());
  http.get('/metrics', { schema: { hide: true } }, async (_request, reply) => {
    return reply.type(metrics.contentType).send(await render());
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
