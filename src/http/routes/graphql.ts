import { hash, timingSafeEqual } from 'node:crypto';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify';
import { AppError, graphqlErrorBody, type ToAppError } from '../../errors.ts';
import { shareSuccess } from '../../lib/share-success.ts';
import { sampledTraceId } from '../../lib/trace-context.ts';
import { newOperation } from '../../request-context.ts';
import { errorHeaders, FASTIFY_ERRORS, noteError } from '../errors/error-response.ts';
import { acceptsGraphqlResponse, prefersPage } from '../media-types.ts';
import { readExamples } from '../pages/examples.ts';
import { sendPage } from '../pages/html-page.ts';
import { createPlayground, playgroundProblem } from '../pages/playground.ts';
import type { CreateContext } from './rest.ts';

interface GraphqlRouteOptions {
  createContext: CreateContext;
  handler: RouteHandlerMethod;
  /** Accepted values of `Router-Authorization`; empty when no secret is required. */
  gatewaySecrets: readonly string[];
  playground: boolean;
  /** The page signs demo users in there; without it, developers paste tokens. */
  playgroundSignInUrl: string | undefined;
  /** Seconds for which caches may store public responses; 0 for none. */
  cacheMaxAgeSeconds: number;
  toAppError: ToAppError;
}

/** Adds `/graphql`. The hooks run in this order: the gateway's secret, the playground, `Accept`, the token. */
export function addGraphqlRoute(http: FastifyInstance, options: GraphqlRouteOptions): void {
  const digests = options.gatewaySecrets.map(digest);
  const problem = options.playground ? playgroundProblem() : undefined;
  if (problem !== undefined) http.log.warn(`no playground: ${problem}`);
  http.register(async (route) => {
    route.addHook('onRequest', async (request) => requireGatewaySecret(request, digests));
    if (options.cacheMaxAgeSeconds > 0) {
      const headers = ['Accept', 'Authorization', ...(digests.length > 0 ? ['Router-Authorization'] : [])];
      route.addHook('onRequest', async (_request, reply) => addVary(reply, headers));
    }
    if (options.playground) {
      const signInUrl = options.playgroundSignInUrl;
      const page = shareSuccess(() => createPlayground({ title: 'user-service', examples: readExamples(), signInUrl }));
      route.addHook('onRequest', async (request, reply) => {
        if (request.method !== 'GET' || !prefersPage(request.headers)) return;
        return sendPage(await page(), request, reply);
      });
    }
    route.addHook('onRequest', async (request) => requireAcceptedType(request));
    route.addHook('onRequest', async (request, reply) => {
      const context = await options.createContext(request, reply);
      const isTrusted = digests.length > 0 || context.viewer !== null;
      // NOTE: Apollo Server passes a copy of the context to its plugin
      context.operation = newOperation({ traceId: sampledTraceId(request.trace), isTrusted });
      request.context = context;
    });
    route.route({
      method: ['GET', 'POST'],
      url: '/graphql',
      exposeHeadRoute: false,
      schema: { hide: true },
      errorHandler: graphqlErrorHandler(options.toAppError),
      handler: withRequestIds(options.handler),
    });
  });
}

/**
 * Adds the request id to the errors of requests that Apollo Server rejects before it processes an operation, such as
 * one with an empty body.
 */
function withRequestIds(handler: RouteHandlerMethod): RouteHandlerMethod {
  return async function (request, reply) {
    const body = await handler.call(this, request, reply);
    const isError = reply.statusCode >= 400 && typeof body === 'string';
    return isError ? addRequestId(body, request.id) : body;
  };
}

function addRequestId(body: string, requestId: string): string {
  const result = JSON.parse(body);
  for (const { extensions } of result.errors) extensions.requestId ??= requestId;
  return JSON.stringify(result);
}

/** Keeps a cached response from clients with other credentials, though it does not depend on the viewer. */
function addVary(reply: FastifyReply, headers: readonly string[]): void {
  reply.header('vary', [reply.getHeader('vary') ?? [], ...headers].flat().join(', '));
}

/** Compares digests, which have one length, in constant time. */
function requireGatewaySecret({ headers }: FastifyRequest, digests: readonly Buffer[]): void {
  if (digests.length === 0) return;
  const sent = digest(String(headers['router-authorization'] ?? ''));
  if (!digests.map((known) => timingSafeEqual(known, sent)).includes(true)) {
    const message = 'Router-Authorization is missing or invalid: only the gateway may call';
    throw new AppError('UNAUTHENTICATED', message, { challenge: 'Bearer' });
  }
}

/** Throws when the client accepts no response of GraphQL. Apollo Server finds that after it has executed a mutation. */
function requireAcceptedType({ method, headers }: FastifyRequest): void {
  if (method !== 'POST' || acceptsGraphqlResponse(headers)) return;
  const message = 'Accept must allow application/graphql-response+json or application/json';
  throw Object.assign(new Error(message), { statusCode: 406 });
}

function digest(secret: string): Buffer {
  return hash('sha256', secret, 'buffer');
}

/** Returns the handler of errors that reject the whole request before it is executed, in GraphQL's format. */
function graphqlErrorHandler(toAppError: ToAppError) {
  return (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    const { statusCode = 500, code = '', message = '' } = error as Partial<FastifyError>;
    if (statusCode < 500) {
      request.errorCode = 'BAD_REQUEST';
      const known = FASTIFY_ERRORS[code]?.detail ?? message;
      reply.code(statusCode).send(graphqlErrorBody({ message: known, code: 'BAD_REQUEST' }, request.id));
      return;
    }
    const appError = toAppError(error);
    const { graphqlMessage, graphqlCode } = appError;
    request.errorCode = graphqlCode;
    noteError(appError, request);
    reply
      .code(appError.status)
      .headers(errorHeaders(appError, request))
      .send(graphqlErrorBody({ message: graphqlMessage, code: graphqlCode }, request.id));
  };
}
