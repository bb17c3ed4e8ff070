import { fastifyApolloHandler } from '@as-integrations/fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify';
import { createAuthenticator } from './auth/authenticate.ts';
import { createAuthServiceClient } from './auth-service/client.ts';
import { limitLookups } from './auth-service/lookup-limit.ts';
import type { Config } from './config.ts';
import { openDatabase } from './db/client.ts';
import { toDatabaseAppError } from './db/errors.ts';
import { migrate } from './db/migrations.ts';
import { pingDatabase } from './db/ping.ts';
import { AppError, internalError } from './errors.ts';
import { startBackfills } from './features/backfills/run-backfills.ts';
import { resolvers, routes, tags, textLengths } from './features/registry.ts';
import { buildSchema } from './graphql/schema.ts';
import { startGraphql } from './graphql/server.ts';
import { addCors } from './http/cors.ts';
import { exchangeOf } from './http/load-shedding/exchange.ts';
import { addLoadLimits } from './http/load-shedding/load-limits.ts';
import { createLogger, type LogDestination } from './http/logger.ts';
import { createOperationsServer, type OperationsOptions } from './http/operations-server.ts';
import { addDocs } from './http/routes/docs.ts';
import { addGraphqlRoute } from './http/routes/graphql.ts';
import { addHealthRoutes, createReadiness } from './http/routes/health.ts';
import { addHomeRoute } from './http/routes/home.ts';
import { recordMethods } from './http/routes/method-not-allowed.ts';
import { addMetricsRoute } from './http/routes/metrics.ts';
import { addRestRoutes, type CreateContext } from './http/routes/rest.ts';
import { createHttpServer } from './http/server.ts';
import { drainConnections } from './http/shutdown.ts';
import { startKeyCleanup } from './idempotency/key-cleanup.ts';
import { propagatedHeaders } from './lib/trace-context.ts';
import type { RequestContext } from './request-context.ts';
import { createMetrics, type Metrics } from './telemetry/metrics.ts';
import type { Tracing } from './telemetry/tracing.ts';

interface Overrides {
  now?: () => Date;
  logDestination?: LogDestination;
  /** Called with each SQL query as it is sent. */
  onQuery?: (sql: string) => void;
  /** Whether a blocked event loop rejects requests; true by default. Tests run on the thread of their service. */
  limitsEventLoopDelay?: boolean;
}

export interface App {
  http: FastifyInstance;
  /** The server of `OPERATIONS_PORT`. */
  operations: FastifyInstance | undefined;
  /** Starts to accept requests, on both ports, and returns the address of `PORT`. */
  listen(): Promise<string>;
  /** Logs the reason when the replica is not ready. */
  logReadiness(): Promise<void>;
  /**
   * Starts connection draining: readiness fails, requests are still served, and each response closes its connection.
   */
  drain(): void;
  /** Finishes the requests in flight, within 10 s, and releases all resources. */
  close(): Promise<void>;
}

/** How long closing the pool waits for running queries. */
const POOL_CLOSE_GRACE_SECONDS = 10;

/** Connects all parts of the service: the composition root. Migrates first when `MIGRATE_ON_START` is set. */
export async function buildApp(config: Config, overrides: Overrides = {}): Promise<App> {
  if (config.database.migrateOnStart) await migrateOnStart(config);
  const parts = await createParts(config, overrides);
  const { now, logger, metrics, tracing, database, probes, authenticator } = parts;
  const graphql = await startGraphql({
    schema: buildSchema(resolvers, { maxEntities: config.limits.entities, textLengths }),
    introspection: config.playground,
    cacheMaxAgeSeconds: config.cacheMaxAgeSeconds,
    toAppError,
    observeOperation: metrics.observeOperation,
    onRejected: metrics.http.countRejection,
  });
  const handler = fastifyApolloHandler(graphql, { context: async ({ context }: FastifyRequest) => context });

  let isServing = true;
  const stops: (() => unknown)[] = [];
  const ping = () => pingDatabase(probes.db);
  const readiness = createReadiness({ isServing: () => isServing, pingDatabase: ping, logger });
  const shared = { logger, toAppError, metrics, tracing, readiness };
  const createContext = contextFactory(config, parts);
  const { limitsEventLoopDelay } = overrides;
  const http = await createPublicServer(config, { ...shared, createContext, handler, limitsEventLoopDelay });
  const operations = config.operationsPort === undefined ? undefined : await createOperationsServer(shared);
  const { countWrites, countFailure } = metrics;
  const background = { db: database.db, now, log: logger, countWrites, countFailure };

  return {
    http,
    operations,
    listen: async () => {
      stops.push(authenticator.keepKeysFresh());
      const address = await http.listen({ host: config.host, port: config.port });
      await operations?.listen({ host: config.host, port: config.operationsPort ?? 0 });
      if (isServing) stops.push(startKeyCleanup(background), startBackfills(background));
      return address;
    },
    logReadiness: async () => void (await readiness()),
    drain: () => {
      isServing = false;
      drainConnections(http);
    },
    close: async () => {
      isServing = false;
      await Promise.all([...stops.map((stop) => stop()), http.close()]);
      await graphql.stop();
      await Promise.all([database.close(POOL_CLOSE_GRACE_SECONDS), probes.close(0), tracing?.stop()]);
      await operations?.close();
    },
  };
}

type Parts = Awaited<ReturnType<typeof createParts>>;

/** Creates the parts that requests use. */
async function createParts(config: Config, overrides: Overrides) {
  const now = overrides.now ?? (() => new Date());
  const metrics = createMetrics({ exemplars: config.tracing !== undefined });
  const onDrop = () => metrics.countDropped('log');
  const logger = await createLogger(config.logLevel, { destination: overrides.logDestination, onDrop });
  for (const variable of config.unknownVariables) logger.warn(variable, 'unknown variable');
  const { observeQuery, exportPool } = metrics.database;
  const hooks = { observeQuery, onQuery: overrides.onQuery };
  const database = openDatabase({ ...config.database, ...hooks });
  exportPool(config.database.poolSize, database.pool);
  // Readiness has a connection of its own, so that a replica whose pool is in use stays ready.
  const probes = openDatabase({ ...config.database, ...hooks, poolSize: 1 });
  const authService = createAuthServiceClient(config.authService, { log: logger, observer: metrics.authService });
  const countSpans = (spans: number) => metrics.countDropped('span', spans);
  const tracing = config.tracing && (await loadTracing())(config.tracing, logger, countSpans);
  return {
    now,
    logger,
    metrics,
    tracing,
    database,
    probes,
    authService,
    authenticator: createAuthenticator(config.tokens, now, { log: logger, ...metrics.jwks }),
  };
}

/** Loads OpenTelemetry, which delays the start. */
async function loadTracing() {
  return (await import('./telemetry/tracing.ts')).startTracing;
}

function contextFactory({ limits }: Config, parts: Parts): CreateContext {
  const { now, database, authService, authenticator, metrics } = parts;
  return async (request, reply, options) => {
    const response = responseFunctions(reply, metrics.http.countRejection);
    const { excludeWait } = response;
    const { authorization } = request.headers;
    const onRejected = (reason: string) => (request.tokenRejection = reason);
    return {
      db: database.db,
      authService: limitLookups(authService, { headersOf: () => propagatedHeaders(request), excludeWait }),
      now,
      limits,
      log: request.log,
      requestId: request.id,
      countWrites: metrics.countWrites,
      viewer: options?.anonymous ? null : await authenticator.viewerOf(authorization, excludeWait, onRejected),
      ...response,
      loaders: new Map(),
      budgets: new Map(),
    };
  };
}

async function migrateOnStart({ database: { url, pooler } }: Config): Promise<void> {
  await migrate(url, { pooler, print: (line) => void process.stderr.write(`${line}\n`) });
}

function responseFunctions(
  reply: FastifyReply,
  onRejected: (reason: string) => void,
): Pick<RequestContext, 'isClosed' | 'reserveBuffer' | 'excludeWait'> {
  const isClosed = () => reply.sent || reply.raw.destroyed;
  const { unreadResponses, inFlight } = reply.server;
  return {
    isClosed,
    reserveBuffer: async (bytes, part) => {
      const release = await unreadResponses.reserve(bytes, { part, isClosed });
      if (release === undefined && !isClosed()) onRejected('unread_responses');
      return release;
    },
    excludeWait: (wait) => inFlight.excludeWait(exchangeOf(reply.raw), wait),
  };
}

interface PublicServerOptions extends OperationsOptions {
  metrics: Metrics;
  tracing: Tracing | undefined;
  createContext: CreateContext;
  /** The handler of `/graphql`. */
  handler: RouteHandlerMethod;
  limitsEventLoopDelay: boolean | undefined;
}

async function createPublicServer(config: Config, options: PublicServerOptions): Promise<FastifyInstance> {
  const { metrics, readiness, createContext, limitsEventLoopDelay } = options;
  const allowedOrigins = config.corsOrigins.length > 0 ? new Set(config.corsOrigins) : undefined;
  const concurrency = {
    maxInFlight: config.load.requestsInFlight,
    onRejected: metrics.http.countRejection,
    onClosed: metrics.http.countClosed,
    allowedOrigins,
  };
  const http = createHttpServer({ ...options, concurrency, observer: metrics.http });
  if (allowedOrigins !== undefined) await addCors(http, allowedOrigins);
  const addOtherMethods = recordMethods(http);
  options.tracing?.traceRequests(http);
  const { countRejection: onRejected, countClosed: onClosed } = metrics.http;
  await addLoadLimits(http, { ...config.load, limitsEventLoopDelay, onRejected, onClosed });
  if (config.docs) await addDocs(http, tags);
  metrics.http.exportActiveRequests(() => http.inFlight.requests);
  metrics.exportReadiness(readiness);
  if (config.operationsPort === undefined) addMetricsRoute(http, metrics);
  addHealthRoutes(http, readiness);
  addGraphqlRoute(http, { ...config, ...options });
  addRestRoutes(http, { createContext, routes });
  await addOtherMethods();
  addHomeRoute(http, config);
  return http;
}

function toAppError(error: unknown): AppError {
  return error instanceof AppError ? error : (toDatabaseAppError(error) ?? internalError(error));
}
