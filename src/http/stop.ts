import type { FastifyInstance } from 'fastify';

const GRACE_MS = 10_000;
const LOOK_EVERY_MS = 25;

/**
 * Lets `http.close()` wait for what is in flight, at most 10 s, and for nothing else. By itself node:http waits for
 * every connection that was busy when closing began until its keep-alive ends, and for ever for one that never sent a
 * whole request: once closing, it looks at no timeout.
 */
export function closeGently(http: FastifyInstance): void {
  let running = 0;
  http.server.on('request', (_request, response) => {
    running++;
    response.once('close', () => {
      running--;
    });
  });
  http.addHook('preClose', async () => {
    const cutAt = performance.now() + GRACE_MS;
    const looking = setInterval(() => {
      if (running === 0 || performance.now() > cutAt) http.server.closeAllConnections();
      else http.server.closeIdleConnections();
    }, LOOK_EVERY_MS).unref();
    http.server.once('close', () => clearInterval(looking));
  });
}

/** From now on every answer is the last on its connection, so that clients go elsewhere before this server closes. */
export function sendClientsAway({ server }: FastifyInstance): void {
  server.prependListener('request', (_request, response) => response.setHeader('connection', 'close'));
}
