import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { RequestOutcome } from '../lib/request-outcome.ts';
import { exchangeOf } from './load-shedding/exchange.ts';
import { measureRequest, type RequestObserver } from './measure-requests.ts';
import { logRequest } from './request-log.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Undefined before the end of the request. */
    outcome: RequestOutcome | undefined;
  }
}

/** Logs and measures the requests of a server, each once. */
export class RequestReports {
  readonly #observer: RequestObserver | undefined;

  /** @param observer without it, requests are logged only */
  constructor(observer: RequestObserver | undefined) {
    this.#observer = observer;
  }

  /** Reports the requests of all routes. Call it before other hooks are added. */
  addTo(http: FastifyInstance): void {
    http.decorateRequest('outcome');
    http.addHook('onRequest', (request, reply, done) => {
      this.#reportIfAborted(request, reply);
      done();
    });
    http.addHook('onResponse', async (request, reply) => {
      // Fastify also calls the hook for a failed write, after which the connection closes.
      if (!reply.raw.destroyed) this.reportSent(request, reply);
    });
  }

  /** Reports a request whose response is sent, before the event `close`. */
  reportSent(request: FastifyRequest, reply: FastifyReply): void {
    if (request.outcome !== undefined) return;
    request.outcome = 'sent';
    this.#report(request, reply);
  }

  /** Reports a request when its connection closes before the whole response is sent. Fastify calls no hook then. */
  #reportIfAborted(request: FastifyRequest, reply: FastifyReply): void {
    const exchange = exchangeOf(reply.raw);
    reply.raw.once('close', () => {
      if (request.outcome !== undefined) return;
      request.outcome = 'aborted';
      // An error that was written in place of the response has a line of its own.
      if (exchange?.hasErrorResponse !== true) this.#report(request, reply);
    });
  }

  #report(request: FastifyRequest, reply: FastifyReply): void {
    logRequest(request, reply);
    if (this.#observer !== undefined) measureRequest(request, reply, this.#observer);
  }
}
