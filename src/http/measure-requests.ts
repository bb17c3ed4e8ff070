import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { sampledTraceId } from '../lib/trace-context.ts';

export interface RequestObserver {
  observeRequest(request: {
    method: string;
    route: string | undefined;
    status: number;
    seconds: number;
    traceId: string | undefined;
  }): void;
  /** Called for a response with an error; not for those of GraphQL operations. */
  countError(api: 'graphql' | 'rest', code: string): void;
}

const GRAPHQL = '/graphql';
/** The code of a request to `/graphql` that Apollo Server rejects before there is an operation. */
const BAD_REQUEST = 'BAD_REQUEST';

/** Measures each request of the server, and counts the errors of its response. */
export function measureRequests(http: FastifyInstance, observer: RequestObserver): void {
  http.addHook('onResponse', (request, reply, done) => {
    const { method, routeOptions, trace } = request;
    const { url: route } = routeOptions;
    const measured = { method, route, status: reply.statusCode, seconds: reply.elapsedTime / 1000 };
    observer.observeRequest({ ...measured, traceId: sampledTraceId(trace) });
    const code = errorCodeOf(request, reply);
    if (code !== undefined) observer.countError(route === GRAPHQL ? 'graphql' : 'rest', code);
    done();
  });
}

function errorCodeOf(request: FastifyRequest, { statusCode }: FastifyReply): string | undefined {
  const { errorCode, routeOptions, context } = request;
  if (errorCode !== undefined || statusCode < 400 || routeOptions.url !== GRAPHQL) return errorCode;
  return context?.operation?.startedAt === 0 ? BAD_REQUEST : undefined;
}
