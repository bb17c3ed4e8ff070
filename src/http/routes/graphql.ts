import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify';
import { AppError, type ToAppError } from '../../errors.ts';
import type { RequestContext } from '../../request-context.ts';
import { errorHeaders, logServerError } from '../errors/error-response.ts';
import { acceptsPage, playgroundPage } from './playground.ts';

export interface GraphqlRouteOptions {
  /**
   * Creates the request's context, with the viewer of its token.
   * @throws UNAUTHENTICATED, AUTH_SERVICE_UNAVAILABLE
   */
  createContext: (request: FastifyRequest) => Promise<RequestContext>;
  handler: RouteHandlerMethod;
  /** Accepted values of `Router-Authorization`; empty when no secret is required. */
  gatewaySecrets: readonly string[];
  playground: boolean;
  toAppError: ToAppError;
}

/** Adds `/graphql`. The hooks run in this order: the gateway's secret, the playground, the token. */
export function addGraphqlRoute(http: FastifyInstance, options: GraphqlRouteOptions): void {
  const digests = options.gatewaySecrets.map(digest);
  http.register(async (route) => {
    route.setErrorHandler(graphqlErrorHandler(options.toAppError));
    route.addHook('onRequest', async (request) => requireGatewaySecret(request, digests));
    if (options.playground) {
      route.addHook('onRequest', async (request, reply) => {
        if (!acceptsPage(request)) return;
        const { html, contentSecurityPolicy } = await playgroundPage();
        reply.header('content-security-policy', contentSecurityPolicy);
        return reply.type('text/html; charset=utf-8').send(html);
      });
    }
    route.addHook('onRequest', async (request) => {
      request.context = await options.createContext(request);
    });
    route.route({
      method: ['GET', 'POST'],
      url: '/graphql',
      schema: { hide: true },
      handler: options.handler,
    });
  });
}

/** Compares digests, which have one length, in constant time. */
function requireGatewaySecret({ headers }: FastifyRequest, digests: readonly Buffer[]): void {
  if (digests.length === 0) return;
  const sent = digest(String(headers['router-authorization'] ?? ''));
  if (!digests.map((known) => timingSafeEqual(known, sent)).includes(true)) {
    throw new AppError('UNAUTHENTICATED', 'Router-Authorization is missing or invalid: only the gateway may call');
  }
}

function digest(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

/** Returns the handler of errors that reject the whole request before it is executed, in GraphQL's format. */
function graphqlErrorHandler(toAppError: ToAppError) {
  return (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    const { statusCode = 500, message = '' } = error as { statusCode?: number; message?: string };
    if (statusCode < 500) {
      reply.code(statusCode).send({ errors: [{ message, extensions: { code: 'BAD_REQUEST' } }] });
      return;
    }
    const appError = toAppError(error);
    logServerError(appError, request);
    reply
      .code(appError.status)
      .headers(errorHeaders(appError, request))
      .send({ errors: [{ message: appError.message, extensions: { code: appError.graphqlCode } }] });
  };
}
