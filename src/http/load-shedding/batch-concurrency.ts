import { Semaphore } from 'async-mutex';
import type { FastifyInstance, RouteHandlerMethod } from 'fastify';

declare module 'fastify' {
  interface FastifyRequest {
    /** Releases the semaphore; set on a batch that has acquired it. */
    releaseBatch?: () => void;
  }
}

/** Representations of all batches that execute concurrently: enough to keep the connection pool and the thread busy. */
const MAX_CONCURRENT_ITEMS = 200;
/** A large batch counts as this many, so that four batches of any size execute concurrently. */
const MAX_BATCH_WEIGHT = MAX_CONCURRENT_ITEMS / 4;

/**
 * Limits the concurrency of a route's batches (`_entities` of several representations) with a weighted semaphore, first in
 * first out. Operations for one representation do not wait.
 *
 * A batch holds its rows until its response is complete. With all batches at once these rows survive young collections, so
 * memory and CPU grow while throughput does not (docs/decisions). A batch waits before anything is allocated for it.
 */
export function limitBatchConcurrency(route: FastifyInstance): void {
  const semaphore = new Semaphore(MAX_CONCURRENT_ITEMS);
  route.decorateRequest('releaseBatch');
  route.addHook('preHandler', (request, reply, done) => {
    const items = countItems(request.body);
    if (items <= 1) return done();
    void semaphore.acquire(Math.min(items, MAX_BATCH_WEIGHT)).then(([, release]) => {
      if (reply.raw.destroyed) return release();
      request.releaseBatch = release;
      reply.raw.once('close', release);
      done();
    });
  });
}

/** Wraps the route's handler so that a batch releases the semaphore when its result is there, before the client reads it. */
export function releasingBatch(handler: RouteHandlerMethod): RouteHandlerMethod {
  return function (request, reply) {
    const result = handler.call(this, request, reply);
    const { releaseBatch } = request;
    return releaseBatch !== undefined && result instanceof Promise ? result.finally(releaseBatch) : result;
  };
}

/** Returns the number of objects in the lists among an operation's variables: a gateway's batch is such a list. */
function countItems(body: unknown): number {
  const { variables } = (body ?? {}) as { variables?: unknown };
  let count = 0;
  for (const value of Object.values(variables ?? {})) {
    if (Array.isArray(value) && typeof value[0] === 'object') count += value.length;
  }
  return count;
}
