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
import { AppError, type Explain } from '../errors.ts';
import { nodeHttp } from '../lib/node-http.ts';
import { isUserId } from '../lib/user-id.ts';
import { type Admission, admit } from './admission.ts';
import { clientErrorHandler } from './client-error.ts';
import { legacyErrorHandler } from './legacy-error.ts';
import { closeGently } from './stop.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Found in the route's schema. */
    integers?: readonly IntegerParameter[];
  }
}

interface IntegerParameter {
  of: 'params' | 'querystring';
  name: string;
}

export interface HttpOptions {
  admission: Admission;
  logger: FastifyBaseLogger;
  explain: Explain;
}

const BODY_LIMIT_BYTES = 1024 * 1024;
/** Routers keep idle connections for about 60 s, and must be the ones to close them. */
const SOCKET_LIMITS = {
  headersTimeout: 8000,
  requestTimeout: 10_000,
  keepAliveTimeout: 72_000,
  connectionsCheckingInterval: 1000,
};
const REQUEST_ID = /^[\w.-]{1,128}$/;
const HOST = /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/;

/** Bodies are taken as they are: nothing is converted, filled in or silently left out. */
const VALIDATION = {
  coerceTypes: false,
  removeAdditional: false,
  useDefaults: false,
  allErrors: true,
  allowUnionTypes: true,
  formats: { 'user-id': isUserId },
} as const;

/** The HTTP server with all that holds for every route: limits, request ids, one log line a request, errors. */
export function createHttpServer({ admission, logger, explain }: HttpOptions): FastifyInstance {
  const answerError = legacyErrorHandler(explain);
  const http = Fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    genReqId: requestId,
    clientErrorHandler: clientErrorHandler(logger),
    frameworkErrors: (error, request, reply) => {
      answerError(error, request, reply);
      logRequest(request, reply);
    },
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 500 },
    bodyLimit: BODY_LIMIT_BYTES,
    serverFactory: (handle) => {
      const server = nodeHttp.createServer(SOCKET_LIMITS);
      admit(server, handle, admission);
      return server;
    },
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    trustProxy: false,
    ajv: { customOptions: VALIDATION },
  });
  closeGently(http);
  http.setSerializerCompiler(() => JSON.stringify);
  http.setErrorHandler(answerError);
  http.setNotFoundHandler(() => {
    throw new AppError('NOT_FOUND', 'Not Found');
  });
  http.decorateRequest('scope');
  acceptJsonOnly(http);
  http.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
    requireSoundHeaders(request);
  });
  http.addHook('onRoute', (route) => {
    route.config = { ...route.config, integers: integersOf(route.schema) };
  });
  http.addHook('preValidation', async (request) => readNumbers(request));
  http.addHook('onResponse', async (request, reply) => logRequest(request, reply));
  return http;
}

function logRequest({ method, routeOptions, log }: FastifyRequest, { elapsedTime, statusCode }: FastifyReply): void {
  const ms = Math.round(elapsedTime * 10) / 10;
  log.info({ method, route: routeOptions.url ?? null, status: statusCode, ms }, 'request');
}

function requestId(request: { headers: NodeJS.Dict<string | string[]> }): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
}

const OTHER_CHARSET = /charset\s*=(?!\s*"?(?:utf-?8|us-ascii)\b)/i;

/**
 * An empty body counts as none: legacy clients announce JSON on a DELETE and then send nothing. JSON is UTF-8 and comes
 * as it is: other bytes would be stored as replacement characters, and nothing is inflated.
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

/** What node:http lets through, and what would let two parts of a chain read one request differently. */
function requireSoundHeaders({ raw, headers }: FastifyRequest): void {
  const count = (name: string) => raw.rawHeaders.filter((text, i) => i % 2 === 0 && text.toLowerCase() === name).length;
  if (count('authorization') > 1) throw new AppError('BAD_REQUEST', 'More than one Authorization header');
  if (count('host') > 1 || !HOST.test(headers.host ?? '')) throw new AppError('BAD_REQUEST', 'Bad Host header');
}

const WHOLE_NUMBER = /^(?:0|[1-9][0-9]{0,15})$/;

/** Paths and queries are text: what a schema wants as an integer becomes one if it is written as one, and only then. */
function readNumbers({ params, query, routeOptions }: FastifyRequest): void {
  for (const { of, name } of routeOptions.config.integers ?? []) {
    const values = (of === 'params' ? params : query) as Record<string, unknown>;
    const text = values[name];
    if (typeof text === 'string' && WHOLE_NUMBER.test(text)) values[name] = Number(text);
  }
}

function integersOf(schema: FastifySchema | undefined): IntegerParameter[] {
  return (['params', 'querystring'] as const).flatMap((of) => {
    const { properties = {} } = (schema?.[of] ?? {}) as { properties?: Record<string, { type?: string }> };
    const names = Object.keys(properties).filter((name) => properties[name]?.type === 'integer');
    return names.map((name) => ({ of, name }));
  });
}
