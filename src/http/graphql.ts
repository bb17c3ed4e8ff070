import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify';
import { AppError, type Explain } from '../errors.ts';
import type { Scope } from '../scope.ts';
import { acceptsPage, playgroundPage } from './playground.ts';
import { logFailure, refusalHeaders } from './refusal.ts';
import { addTurns, endingTurns } from './turns.ts';

export interface GraphqlRouteOptions {
  /**
   * The request's scope, with the caller that its token speaks for.
   * @throws UNAUTHENTICATED, AUTH_SERVICE_UNAVAILABLE
   */
  scopeOf: (request: FastifyRequest) => Promise<Scope>;
  handler: RouteHandlerMethod;
  /** Empty when anyone may call. */
  gatewaySecrets: readonly string[];
  playground: boolean;
  explain: Explain;
}

/** `/graphql`: the gateway's secret first, then the playground for browsers, then who calls, then whose turn it is. */
export function addGraphqlRoute(http: FastifyInstance, options: GraphqlRouteOptions): void {
  const digests = options.gatewaySecrets.map(digest);
  http.register(async (route) => {
    route.setErrorHandler(graphqlErrorHandler(options.explain));
    route.addHook('onRequest', async (request) => requireGateway(request, digests));
    if (options.playground) {
      route.addHook('onRequest', async (request, reply) => {
        if (acceptsPage(request)) return reply.type('text/html; charset=utf-8').send(await playgroundPage());
      });
    }
    route.addHook('onRequest', async (request) => {
      request.scope = await options.scopeOf(request);
    });
    addTurns(route);
    route.route({
      method: ['GET', 'POST'],
      url: '/graphql',
      schema: { hide: true },
      handler: endingTurns(options.handler),
    });
  });
}

/** Compares digests: they are of one length, whatever was sent, and take the same time whether or not they match. */
function requireGateway({ headers }: FastifyRequest, digests: readonly Buffer[]): void {
  if (digests.length === 0) return;
  const sent = digest(String(headers['router-authorization'] ?? ''));
  if (!digests.map((known) => timingSafeEqual(known, sent)).includes(true)) {
    throw new AppError('UNAUTHENTICATED', 'Only the gateway may call: Router-Authorization is missing or wrong');
  }
}

function digest(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

/** What refuses the whole request before GraphQL sees it, in GraphQL's shape. */
function graphqlErrorHandler(explain: Explain) {
  return (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    const { statusCode = 500, message = '' } = error as { statusCode?: number; message?: string };
    if (statusCode < 500) {
      reply.code(statusCode).send({ errors: [{ message, extensions: { code: 'BAD_REQUEST' } }] });
      return;
    }
    const refusal = explain(error);
    logFailure(refusal, request);
    reply
      .code(refusal.status)
      .headers(refusalHeaders(refusal, request))
      .send({ errors: [{ message: refusal.message, extensions: { code: refusal.graphqlCode } }] });
  };
}
