import type { RequestListener, Server } from 'node:http';
import { AdaptiveLimit, type Clock, PROCESS_CLOCK } from './adaptive-limit.ts';
import { isOperationsPath, overloadResponse } from './overload-response.ts';

export interface ConcurrencyLimitOptions {
  /** Maximum requests in flight; the adaptive limit is at most this. */
  maxInFlight: number;
  /** Called for each rejected request. */
  onRejected: () => void;
  clock?: Clock;
}

/** The requests of one server that have no complete response yet. */
export interface InFlight {
  readonly count: number;
}

/**
 * Passes the server's requests to `handle` up to the concurrency limit. Requests over the limit get 503 before any other
 * work, logging included: past saturation, work for rejected requests takes capacity from the others.
 */
export function limitConcurrency(server: Server, handle: RequestListener, options: ConcurrencyLimitOptions): InFlight {
  const adaptive = new AdaptiveLimit(options.clock ?? PROCESS_CLOCK);
  const inFlight = { count: 0 };

  server.on('request', (request, response) => {
    const url = request.url ?? '';
    const isExempt = isOperationsPath(url);
    if (!isExempt && (inFlight.count >= options.maxInFlight || adaptive.rejects(inFlight.count))) {
      options.onRejected();
      const { headers, body } = overloadResponse(url);
      response.writeHead(503, headers).end(body);
      return;
    }
    inFlight.count++;
    const startedAt = adaptive.start(inFlight.count);
    response.once('close', () => {
      inFlight.count--;
      if (!isExempt) adaptive.finish(startedAt, inFlight.count);
    });
    handle(request, response);
  });
  return inFlight;
}
