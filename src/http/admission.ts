import { randomUUID } from 'node:crypto';
import type { RequestListener, ServerResponse } from 'node:http';
import { Backlog, CLOCK } from './backlog.ts';

const RETRY_AFTER_SECONDS = '1';
export const BUSY = 'The service is busy';
const FOR_OPERATORS = /^\/(?:health\/(?:live|ready)|metrics)\/?(?:\?|$)/;

/** Whether the address is one that operators need most when the service is busy: no limit holds for it. */
export function isForOperators(url: string): boolean {
  return FOR_OPERATORS.test(url);
}

export interface Admission {
  /** How many requests may run at once in any case. */
  limit: number;
  onRefusal: () => void;
}

/**
 * Lets at most `limit` requests run at once, and fewer when they wait for one another. What comes on top is refused before
 * anything is spent on it, not even a log line: past saturation, work for requests that will not be served is work taken
 * from those that will.
 */
export function admit(handle: RequestListener, { limit, onRefusal }: Admission, clock = CLOCK): RequestListener {
  const backlog = new Backlog(clock);
  let running = 0;
  return (request, response) => {
    const url = request.url ?? '';
    const isExempt = isForOperators(url);
    if (!isExempt && (running >= limit || backlog.refuses(running))) {
      onRefusal();
      refuse(response, url.startsWith('/graphql'));
      return;
    }
    running++;
    const startedAt = backlog.start(running);
    response.once('close', () => {
      running--;
      if (!isExempt) backlog.finish(startedAt, running);
    });
    handle(request, response);
  };
}

function refuse(response: ServerResponse, isGraphql: boolean): void {
  const code = 'SERVICE_UNAVAILABLE';
  const requestId = randomUUID();
  const body = JSON.stringify(
    isGraphql ? { errors: [{ message: BUSY, extensions: { code } }] } : { detail: BUSY, code, request_id: requestId },
  );
  response
    .writeHead(503, {
      'content-type': 'application/json; charset=utf-8',
      'content-length': body.length,
      'retry-after': RETRY_AFTER_SECONDS,
      'x-request-id': requestId,
    })
    .end(body);
}
