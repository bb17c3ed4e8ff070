import { isUtf8 } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import Fastify, {
  errorCodes,
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifySchema,
  LogController,
} from 'fastify';
import { AppError, type ToAppError } from '../errors.ts';
import { nodeHttp } from '../lib/node-http.ts';
import { isUserId } from '../lib/user-id.ts';
import { clientErrorHandler } from './errors/client-error.ts';
import { restErrorHandler } from './errors/rest-error.ts';
import { type ConcurrencyLimitOptions, type InFlight, limitConcurrency } from './load-shedding/concurrency-limit.ts';
import { closeGracefully } from './shutdown.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The integers of the route's schema. */
    integers?: readonly IntegerParameter[];
  }
}

interface IntegerParameter {
  in: 'params' | 'querystring';
  name: string;
}

export interface HttpOptions {
  concurrency: ConcurrencyLimitOptions;
  logger: FastifyBaseLogger;
  toAppError: ToAppError;
}

const BODY_LIMIT_BYTES = 1024 * 1024;
/** Routers close idle connections after about 60 s, and must do so before this server does. */
const SOCKET_TIMEOUTS = {
  headersTimeout: 8000,
  requestTimeout: 10_000,
  keepAliveTimeout: 72_000,
  connectionsCheckingInterval: 1000,
};
const REQUEST_ID = /^[\w.-]{1,128}$/;
const HOST = /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/;

/** Validation changes no body: no conversion, no defaults, no removed fields. */
const VALIDATION_OPTIONS = {
  coerceTypes: false,
  removeAdditional: false,
  useDefaults: false,
  allErrors: true,
  allowUnionTypes: true,
  formats: { 'user-id': isUserId },
} as const;

/** Text lengths in schemas are documentation: features check them after normalization, once for both APIs. */
const TEXT_LENGTH_KEYWORDS = ['minLength', 'maxLength'];

/** Creates the HTTP server with everything that applies to all routes: limits, request ids, the request log, errors. */
export function createHttpServer({ concurrency, logger, toAppError }: HttpOptions): FastifyInstance {
  const handleError = restErrorHandler(toAppError);
  let inFlight: InFlight = { count: 0 };
  const http = Fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    genReqId: requestId,
    clientErrorHandler: clientErrorHandler(logger),
    frameworkErrors: (error, request, reply) => {
      handleError(error, request, reply);
      logRequest(request, reply);
    },
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 500 },
    bodyLimit: BODY_LIMIT_BYTES,
    serverFactory: (handle) => {
      const server = nodeHttp.createServer(SOCKET_TIMEOUTS);
      inFlight = limitConcurrency(server, handle, concurrency);
      return server;
    },
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    trustProxy: false,
    ajv: {
      customOptions: VALIDATION_OPTIONS,
      onCreate: (ajv) => {
        for (const keyword of TEXT_LENGTH_KEYWORDS) ajv.removeKeyword(keyword).addKeyword(keyword);
      },
    },
  });
  closeGracefully(http, inFlight);
  http.setSerializerCompiler(() => JSON.stringify);
  http.setErrorHandler(handleError);
  http.setNotFoundHandler(() => {
    throw new AppError('NOT_FOUND', 'Not Found');
  });
  http.decorateRequest('context');
  http.decorateRequest('owner');
  acceptJsonOnly(http);
  http.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
    requireValidHeaders(request);
  });
  http.addHook('onRoute', (route) => {
    route.config = { ...route.config, integers: integersOf(route.schema) };
  });
  http.addHook('preValidation', async (request) => parseIntegers(request));
  http.addHook('onResponse', async (request, reply) => logRequest(request, reply));
  return http;
}

function logRequest({ method, routeOptions, log }: FastifyRequest, { elapsedTime, statusCode }: FastifyReply): void {
  const ms = Math.round(elapsedTime * 10) / 10;
  log.info({ method, route: routeOptions.url ?? null, status: statusCode, ms }, 'request');
}

function requestId(request: { headers: NodeJS.Dict<string | string[]> }): string {
  const sent = request.headers['x-request-id'];
  return typeof sent === 'string' && REQUEST_ID.test(sent) ? sent : randomUUID();
}

const OTHER_CHARSET = /charset\s*=(?!\s*"?(?:utf-?8|us-ascii)\b)/i;

/**
 * Accepts UTF-8 JSON without content encoding. Invalid UTF-8 is an error, not replacement characters. An empty body counts
 * as none: v1 clients declare JSON on a DELETE without a body.
 */
function acceptJsonOnly(http: FastifyInstance): void {
  const parse = http.getDefaultJsonParser('error', 'error');
  http.removeAllContentTypeParsers();
  http.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    const { 'content-type': type, 'content-encoding': encoding } = request.headers;
    if (body.length === 0) done(null, undefined);
    else if (encoding !== undefined || OTHER_CHARSET.test(type ?? ''))
      done(new errorCodes.FST_ERR_CTP_INVALID_MEDIA_TYPE());
    else if (isUtf8(body)) void parse(request, body.toString(), done);
    else done(new errorCodes.FST_ERR_CTP_INVALID_JSON_BODY());
  });
}

/** Rejects headers that node:http accepts and that two servers in a chain could interpret differently. */
function requireValidHeaders({ raw, headers, url }: FastifyRequest): void {
  if (raw.httpVersion === '1.0' && headers.host === undefined && url.startsWith('/health/')) return;
  const count = (name: string) => raw.rawHeaders.filter((text, i) => i % 2 === 0 && text.toLowerCase() === name).length;
  if (count('authorization') > 1) throw new AppError('BAD_REQUEST', 'More than one Authorization header');
  if (count('host') > 1 || !HOST.test(headers.host ?? '')) throw new AppError('BAD_REQUEST', 'Invalid Host header');
}

const INTEGER = /^(?:0|[1-9][0-9]{0,15})$/;

/** Parses the path and query parameters that the schema declares as integers. Any other text stays, and is invalid. */
function parseIntegers({ params, query, routeOptions }: FastifyRequest): void {
  for (const parameter of routeOptions.config.integers ?? []) {
    const values = (parameter.in === 'params' ? params : query) as Record<string, unknown>;
    const text = values[parameter.name];
    if (typeof text === 'string' && INTEGER.test(text)) values[parameter.name] = Number(text);
  }
}

function integersOf(schema: FastifySchema | undefined): IntegerParameter[] {
  return (['params', 'querystring'] as const).flatMap((location) => {
    const { properties = {} } = (schema?.[location] ?? {}) as { properties?: Record<string, { type?: string }> };
    const names = Object.keys(properties).filter((name) => properties[name]?.type === 'integer');
    return names.map((name) => ({ in: location, name }));
  });
}
