import type { RequestListener, Server } from 'node:http';
import { Backlog, CLOCK, type Clock } from './backlog.ts';
import { busyAnswer, isForOperators } from './busy.ts';
import { refuseEarly } from './early-refusals.ts';

export interface Admission {
  /** How many requests may run at once in any case. */
  limit: number;
  /** No longer once every answer is to be the last on its connection. */
  isServing: () => boolean;
  onRefusal: () => void;
  clock?: Clock;
}

/**
 * Lets `handle` answer what `server` is asked: at most `limit` requests at once, and fewer when they wait for one another.
 * What comes on top is refused before anything is spent on it, not even a log line: past saturation, work for requests
 * that will not be served is work taken from those that will.
 */
export function admit(server: Server, handle: RequestListener, { clock = CLOCK, ...admission }: Admission): void {
  const { limit, isServing, onRefusal } = admission;
  const backlog = new Backlog(clock);
  let running = 0;
  const isFull = () => running >= limit || backlog.refuses(running);

  server.on('request', (request, response) => {
    const url = request.url ?? '';
    const isExempt = isForOperators(url);
    if (!isExempt && isFull()) {
      onRefusal();
      const { headers, body } = busyAnswer(url);
      response.writeHead(503, headers).end(body);
      return;
    }
    running++;
    const startedAt = backlog.start(running);
    response.once('close', () => {
      running--;
      if (!isExempt) backlog.finish(startedAt, running);
    });
    handle(request, response);
  });
  refuseEarly(server, { isFull: () => isServing() && isFull(), onRefusal });
}
