import type { RequestListener, Server } from 'node:http';
import { Readable } from 'node:stream';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifySchema,
  LogController,
} from 'fastify';
import { AppError, overloadedError, type ToAppError } from '../errors.ts';
import { parseDate } from '../lib/local-date.ts';
import { nodeHttp } from '../lib/node-http.ts';
import { PooledText } from '../lib/pooled-text.ts';
import { LONG_RESPONSE_BYTES, piecesOf } from '../lib/response-pieces.ts';
import { type TraceContext, traceContext } from '../lib/trace-context.ts';
import { isUserId } from '../lib/user-id.ts';
import { clientErrorHandler } from './errors/malformed-request.ts';
import { restErrorHandler } from './errors/rest-error.ts';
import { acceptJsonOnly } from './json-body.ts';
import { ConcurrencyLimit, type ConcurrencyLimitOptions } from './load-shedding/concurrency-limit.ts';
import type { InFlight } from './load-shedding/in-flight.ts';
import type { UnreadResponses } from './load-shedding/unread-responses.ts';
import type { RequestObserver } from './measure-requests.ts';
import { MAX_BODY_BYTES } from './read-body.ts';
import { RequestReports } from './report-requests.ts';
import { requestId } from './request-id.ts';
import { childLoggerFactory } from './request-log.ts';
import { SECURITY_HEADERS } from './security-headers.ts';
import { closeGracefully } from './shutdown.ts';
import { requireValidHeaders } from './valid-headers.ts';

declare module 'fastify' {
  interface FastifyInstance {
    unreadResponses: UnreadResponses;
    inFlight: InFlight;
  }
  interface FastifyRequest {
    /** The trace of the request; undefined when it has none. */
    trace: Pick<TraceContext, 'traceId' | 'isSampled'> | undefined;
    /** The code of the error that rejected the request before its GraphQL operation, or that a REST route threw. */
    errorCode: string | undefined;
    /** Why the token of the request was rejected. */
    tokenRejection: string | undefined;
    /** The limit that rejected the request, if its error names one. */
    rejection: AppError['rejection'];
  }
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
  /** Measures requests; without it they are not measured. */
  observer?: RequestObserver;
}

/** Routers close idle connections after about 60 s, and must do so before this server does. */
const SOCKET_TIMEOUTS = {
  headersTimeout: 8000,
  requestTimeout: 10_000,
  keepAliveTimeout: 72_000,
  connectionsCheckingInterval: 1000,
};
const LONG_TEXT_CHARACTERS = 64 * 1024;
/** A connection on which a client neither sends nor reads is closed after this time, or at most twice this time. */
const INACTIVITY_TIMEOUT_MS = 12_000;

/** The properties of a request that are set while it is handled. */
const REQUEST_PROPERTIES = ['trace', 'errorCode', 'tokenRejection', 'rejection', 'context', 'proof'] as const;

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

/** Unlike the format of ajv-formats, the year 0000 is no date: PostgreSQL has none. */
const isDate = (text: string): boolean => parseDate(text) !== undefined;

/** Creates the HTTP server with everything that applies to all routes: limits, request ids, the request log, errors. */
export function createHttpServer({ concurrency, logger, toAppError, observer }: HttpOptions): FastifyInstance {
  const handleError = restErrorHandler(toAppError);
  const reports = new RequestReports(observer);
  // NOTE: node:http's own response to a request without a Host has no headers; `requireValidHeaders` rejects it
  const server = nodeHttp.createServer({ ...SOCKET_TIMEOUTS, requireHostHeader: false });
  server.setTimeout(INACTIVITY_TIMEOUT_MS);
  const limit = new ConcurrencyLimit(server, concurrency);
  const http = Fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    genReqId: ({ headers }) => requestId(headers),
    childLoggerFactory,
    clientErrorHandler: clientErrorHandler(logger, limit.connections),
    // NOTE: no hook runs for a request that is rejected before routing, such as one to `/users/%`
    frameworkErrors: (error, request, reply) => {
      reply.headers(SECURITY_HEADERS);
      handleError(error, request, reply);
      limit.endRequest(reply.raw, 0);
      reports.reportSent(request, reply);
    },
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 500 },
    bodyLimit: MAX_BODY_BYTES,
    serverFactory: (handle) => passRequests(server, limit, handle),
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    trustProxy: false,
    ajv: {
      customOptions: VALIDATION_OPTIONS,
      onCreate: (ajv) => {
        for (const keyword of TEXT_LENGTH_KEYWORDS) ajv.removeKeyword(keyword).addKeyword(keyword);
        ajv.addFormat('date', isDate);
      },
    },
  });
  reports.addTo(http);
  closeGracefully(http, limit);
  http.setSerializerCompiler(() => JSON.stringify);
  http.setErrorHandler(handleError);
  http.setNotFoundHandler(() => {
    throw new AppError('NOT_FOUND', 'Not Found');
  });
  http.decorate('unreadResponses', limit.unread);
  http.decorate('inFlight', limit.inFlight);
  for (const name of REQUEST_PROPERTIES) http.decorateRequest(name);
  acceptJsonOnly(http);
  http.addHook('onRequest', async (request, reply) => {
    reply.headers(SECURITY_HEADERS).header('x-request-id', request.id);
    request.trace = traceContext(request.headers);
    requireValidHeaders(request, reply);
  });
  http.addHook('onRoute', (route) => {
    route.config = { ...route.config, integers: integersOf(route.schema) };
  });
  trackRequests(http, limit);
  http.addHook('preValidation', async (request) => parseIntegers(request));
  return http;
}

/** Passes all requests to the limit, also those with an `Expect` header that node:http would answer with 417. */
function passRequests(server: Server, limit: ConcurrencyLimit, handle: RequestListener): Server {
  limit.passTo(handle);
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
  return server;
}

/** Reports to the limit when the body of a request is complete, and when its response is. */
function trackRequests(http: FastifyInstance, limit: ConcurrencyLimit): void {
  http.addHook('preValidation', ({ valueBytes }, reply, done) => {
    done(limit.tryStart(reply.raw, valueBytes) ? undefined : overloadedError());
  });
  // biome-ignore lint/complexity/useMaxParams: Fastify's signature
  http.addHook('onSend', (request, reply, payload, done) => {
    if (payload instanceof Readable) {
      limit.startStream(reply.raw);
      return done(null, payload);
    }
    const { body, bytes } = encode(payload as Payload, reply);
    limit.endRequest(reply.raw, bytes);
    releaseMemory(request);
    done(null, body);
  });
}

type Payload = string | Buffer | null | undefined;

/**
 * Returns the body that is sent. One of more than 256 KB is divided. A shorter text of more than 64 K characters is
 * encoded, because node:http would hold three bytes for each character until it is sent.
 */
function encode(payload: Payload, reply: FastifyReply): { body: Payload | Readable; bytes: number } {
  if (payload === null || payload === undefined) return { body: payload, bytes: 0 };
  const bytes = Buffer.byteLength(payload);
  if (bytes > LONG_RESPONSE_BYTES) {
    reply.header('content-length', bytes);
    const pieces = typeof payload === 'string' ? pooledPieces(payload, reply) : piecesOf(payload);
    return { body: Readable.from(pieces), bytes };
  }
  const isLongText = typeof payload === 'string' && payload.length > LONG_TEXT_CHARACTERS;
  return { body: isLongText ? Buffer.from(payload) : payload, bytes };
}

function pooledPieces(text: string, { raw }: FastifyReply): Iterable<Buffer> {
  const pooled = new PooledText(text);
  // NOTE: after this event the socket has sent the pieces, or is destroyed
  raw.once('close', () => pooled.release());
  return pooled.pieces();
}

/** Forgets what a request has read and received, so that a response that the client does not read holds only itself. */
function releaseMemory(request: FastifyRequest): void {
  request.body = undefined;
  request.context?.loaders.clear();
}

/** A negative one is less than the minimum of each parameter. */
const INTEGER = /^(?:0|-?[1-9][0-9]{0,15})$/;

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
