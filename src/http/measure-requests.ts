import type { FastifyReply, FastifyRequest } from 'fastify';
import { statusOf } from '../lib/request-outcome.ts';
import { sampledTraceId } from '../lib/trace-context.ts';
import { bodyEndedAt } from './read-body.ts';
import { isCommonMethod } from './routes/method-not-allowed.ts';

/** A request whose response has been sent, or whose connection has closed before. */
export interface MeasuredRequest {
  /** `_OTHER` for a method that the route does not have. */
  method: string;
  /** The pattern of the route; undefined when no route matches. */
  route: string | undefined;
  status: number;
  /** From the complete request to the end of the response, or of its connection; 0 without a complete request. */
  seconds: number;
  traceId: string | undefined;
}

export interface RequestObserver {
  observeRequest(request: MeasuredRequest): void;
  /** Called for a response with an error; not for those of GraphQL operations. */
  countError(api: 'graphql' | 'rest', code: string): void;
  countRejectedToken(reason: string): void;
  /** Called for a response with an error of a limit; not for those of GraphQL operations. */
  countRejection(reason: string): void;
}

/** As in OpenTelemetry, the label of methods that get 405, or 404 and are rare: clients could choose many. */
const OTHER_METHOD = '_OTHER';
const GRAPHQL = '/graphql';
/** The code of a request to `/graphql` that Apollo Server rejects before there is an operation. */
const BAD_REQUEST = 'BAD_REQUEST';

/** Measures a request, and counts the errors of its response. */
export function measureRequest(request: FastifyRequest, reply: FastifyReply, observer: RequestObserver): void {
  const { routeOptions, tokenRejection, rejection, trace } = request;
  const { url: route } = routeOptions;
  const seconds = elapsedMs(request, reply) / 1000;
  const measured = { method: methodOf(request), route, status: statusOf(request, reply), seconds };
  observer.observeRequest({ ...measured, traceId: sampledTraceId(trace) });
  const code = errorCodeOf(request, reply);
  if (code !== undefined) observer.countError(route === GRAPHQL ? 'graphql' : 'rest', code);
  if (tokenRejection !== undefined) observer.countRejectedToken(tokenRejection);
  if (rejection !== undefined) observer.countRejection(rejection);
}

/** Returns the time from the complete request, so that the time in which the client sends its body does not count. */
function elapsedMs({ raw, outcome }: FastifyRequest, { elapsedTime }: FastifyReply): number {
  if (outcome === 'aborted' && !raw.complete) return 0;
  const endedAt = bodyEndedAt(raw);
  return endedAt === undefined ? elapsedTime : Math.min(elapsedTime, performance.now() - endedAt);
}

function methodOf({ method, routeOptions: { url: route, config } }: FastifyRequest): string {
  if (route === undefined) return isCommonMethod(method) ? method : OTHER_METHOD;
  return config.hasMethod === false && method !== 'OPTIONS' ? OTHER_METHOD : method;
}

function errorCodeOf(request: FastifyRequest, { statusCode }: FastifyReply): string | undefined {
  const { errorCode, routeOptions, context } = request;
  if (errorCode !== undefined || statusCode < 400 || routeOptions.url !== GRAPHQL) return errorCode;
  return context?.operation?.startedAt === 0 ? BAD_REQUEST : undefined;
}
