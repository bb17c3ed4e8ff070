import rateLimit, { normalizeIP } from '@fastify/rate-limit';
import underPressure from '@fastify/under-pressure';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError, overloadedError } from '../../errors.ts';
import { isHealthCheck } from '../health-check.ts';

/** Mean delay of the event loop in a sample above which the sample is over the limit. */
const MAX_EVENT_LOOP_DELAY_MS = 1000;
const SAMPLE_INTERVAL_MS = 1000;
/**
 * Consecutive samples over the limit from which on requests get 503. A single one is a pause, such as that of a virtual
 * machine or of a slow start: it is over when the sample exists.
 */
const MIN_DELAYED_SAMPLES = 2;
/**
 * Time limit of a handler, from the end of the request's body, and of the check of its token, to the start of the
 * response.
 */
const HANDLER_TIMEOUT_MS = 3000;
/** Time limit of a response, from the same point until the client has read it. */
const RESPONSE_TIMEOUT_MS = 30_000;

interface LoadLimits {
  /** Requests per user, or per address for anonymous requests, counted by each replica; 0 is no limit. */
  requestsPerMinute: number;
  /** Whether requests are rejected while the event loop is blocked; true by default. */
  limitsEventLoopDelay?: boolean | undefined;
  /** Called for each request that a limit rejects. */
  onRejected: (reason: 'event_loop' | 'rate_limit' | 'timeout') => void;
  /** Called for each connection that a limit closes. */
  onClosed: (reason: 'slow_response') => void;
}

/** Adds the limits that protect clients from one slow or greedy client. Call it before the routes are added. */
export async function addLoadLimits(
  http: FastifyInstance,
  { requestsPerMinute, limitsEventLoopDelay = true, onRejected, onClosed }: LoadLimits,
): Promise<void> {
  if (limitsEventLoopDelay) await limitEventLoopDelay(http, () => onRejected('event_loop'));
  const ends = { onTimeout: () => onRejected('timeout'), onCut: () => onClosed('slow_response') };
  http.addHook('preHandler', async (request, reply) => limitTime(request, reply, ends));
  if (requestsPerMinute === 0) return;
  await http.register(rateLimit, {
    max: requestsPerMinute,
    timeWindow: '1 minute',
    enableDraftSpec: true,
    allowList: ({ raw }) => isHealthCheck(raw),
    onExceeded: () => onRejected('rate_limit'),
    keyGenerator: ({ context, ip }) => context?.viewer?.id ?? normalizeIP(ip),
    errorResponseBuilder: (_request, { ttl }) =>
      new AppError('RATE_LIMITED', 'Too many requests', { retryAfterSeconds: Math.ceil(ttl / 1000) }),
  });
  // NOTE: the plugin adds itself to routes, and a path without a route has none
  const limitRate = http.rateLimit();
  http.addHook('onRequest', async function (request, reply) {
    if (request.is404) await limitRate.call(this, request, reply);
  });
}

async function limitEventLoopDelay(http: FastifyInstance, onRejected: () => void): Promise<void> {
  let delayedSamples = 0;
  await http.register(underPressure, {
    maxEventLoopDelay: MAX_EVENT_LOOP_DELAY_MS,
    sampleInterval: SAMPLE_INTERVAL_MS,
    pressureHandler: ({ raw }) => {
      if (isHealthCheck(raw) || delayedSamples < MIN_DELAYED_SAMPLES) return;
      onRejected();
      throw overloadedError();
    },
  });
  const sampling = setInterval(() => {
    delayedSamples = http.isUnderPressure() ? delayedSamples + 1 : 0;
  }, SAMPLE_INTERVAL_MS).unref();
  http.addHook('onClose', async () => clearInterval(sampling));
}

/** Called when the time limit of a handler, or of its response, is over. */
interface TimeLimitEnds {
  onTimeout: () => void;
  onCut: () => void;
}

/**
 * Limits the time of a handler and of its response. Fastify's `handlerTimeout` starts before the body is read, so it
 * would blame the service for a slow upload, and it cuts streamed responses (docs/ARCHITECTURE.md).
 */
function limitTime(request: FastifyRequest, reply: FastifyReply, { onTimeout, onCut }: TimeLimitEnds): void {
  const cut = () => {
    onCut();
    reply.raw.destroy();
  };
  let timer = setTimeout(() => {
    timer = setTimeout(cut, RESPONSE_TIMEOUT_MS - HANDLER_TIMEOUT_MS);
    if (reply.sent || reply.raw.headersSent) return;
    onTimeout();
    sendTimeout(request, reply);
  }, HANDLER_TIMEOUT_MS);
  reply.raw.once('close', () => clearTimeout(timer));
}

function sendTimeout(request: FastifyRequest, reply: FastifyReply): void {
  request.log.warn({ route: request.routeOptions.url }, 'request timed out');
  reply.send(new AppError('SERVICE_UNAVAILABLE', 'The request timed out, so its outcome is unknown'));
  // NOTE: Fastify would log the handler's late result with the request's URL
  reply.log = request.log.child({}, { level: 'silent' });
}
