import rateLimit, { normalizeIP } from '@fastify/rate-limit';
import underPressure from '@fastify/under-pressure';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../errors.ts';
import { BUSY, isForOperators } from './busy.ts';

const MAX_EVENT_LOOP_DELAY_MS = 1000;
const HANDLER_TIMEOUT_MS = 3000;
/** How long a client may take to read what it asked for, before it counts as one that only holds a place. */
const READING_TIMEOUT_MS = 30_000;

export interface LoadOptions {
  /** For each person, or each address where nobody is signed in; 0 is no limit. Counted by each replica for itself. */
  requestsPerMinute: number;
}

/** What keeps one slow or greedy caller from costing the others their answers. To be added before the routes. */
export async function addLoadLimits(http: FastifyInstance, { requestsPerMinute }: LoadOptions): Promise<void> {
  await http.register(underPressure, {
    maxEventLoopDelay: MAX_EVENT_LOOP_DELAY_MS,
    pressureHandler: ({ url }) => {
      if (!isForOperators(url)) throw new AppError('SERVICE_UNAVAILABLE', BUSY);
    },
  });
  http.addHook('preHandler', async (request, reply) => limitTime(request, reply));
  if (requestsPerMinute === 0) return;
  await http.register(rateLimit, {
    max: requestsPerMinute,
    timeWindow: '1 minute',
    enableDraftSpec: true,
    allowList: ({ url }) => isForOperators(url),
    keyGenerator: ({ scope, ip }) => scope?.viewer?.id ?? normalizeIP(ip),
    errorResponseBuilder: (_request, { ttl }) =>
      new AppError('RATE_LIMITED', 'Too many requests', { retryAfterSeconds: Math.ceil(ttl / 1000) }),
  });
}

/**
 * Nobody waits longer than this for an answer to begin, whatever the handler waits for. The time starts when the body is
 * read: a slow client is the server's `requestTimeout`'s business. So is nobody's reading waited for without end.
 */
function limitTime(request: FastifyRequest, reply: FastifyReply): void {
  let timer = setTimeout(() => {
    timer = setTimeout(() => reply.raw.destroy(), READING_TIMEOUT_MS - HANDLER_TIMEOUT_MS);
    if (!reply.sent && !reply.raw.headersSent) giveUp(request, reply);
  }, HANDLER_TIMEOUT_MS);
  reply.raw.once('close', () => clearTimeout(timer));
}

function giveUp(request: FastifyRequest, reply: FastifyReply): void {
  request.log.warn({ route: request.routeOptions.url }, 'a request took too long');
  reply.send(new AppError('SERVICE_UNAVAILABLE', 'The request took too long: whether it was carried out is unknown'));
  // What the handler still says is too late, and Fastify would log it with the request's address.
  reply.log = request.log.child({}, { level: 'silent' });
}
