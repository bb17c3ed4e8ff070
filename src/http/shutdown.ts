import type { FastifyInstance } from 'fastify';

/** How long closing waits for open requests: as long as a request may take, body included. */
const GRACE_MS = 10_000;
/** How often closing looks at the open requests, and so how late it may notice the end of the last one. */
const CHECK_INTERVAL_MS = 25;

/** The requests of a server that have no complete response yet. */
interface OpenRequests {
  readonly openRequests: number;
}

/**
 * Makes `http.close()` wait for open requests, at most 10 s, and for no idle connection. By itself node:http waits for
 * the keep-alive timeout of each connection that was busy when closing began. It waits without limit for one that never
 * sent a whole request, since no timeout applies once it is closing.
 */
export function closeGracefully(http: FastifyInstance, requests: OpenRequests): void {
  http.addHook('preClose', async () => {
    const deadline = performance.now() + GRACE_MS;
    const timer = setInterval(() => {
      if (requests.openRequests === 0 || performance.now() > deadline) http.server.closeAllConnections();
      else http.server.closeIdleConnections();
    }, CHECK_INTERVAL_MS).unref();
    http.server.once('close', () => clearInterval(timer));
  });
}

/**
 * Starts connection draining: each further response closes its connection, so that clients connect to other replicas.
 */
export function drainConnections({ server }: FastifyInstance): void {
  server.prependListener('request', (_request, response) => response.setHeader('connection', 'close'));
}
