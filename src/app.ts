import { fastifyApolloHandler } from '@as-integrations/fastify';
import type { FastifyInstance, FastifyRequest, RouteHandlerMethod } from 'fastify';
import { createAuthenticator } from './auth/authenticate.ts';
import { createAuthServiceClient } from './auth-service/client.ts';
import { limitLookups } from './auth-service/lookup-limit.ts';
import type { Config } from './config.ts';
import { openDatabase } from './db/client.ts';
import { toDatabaseAppError } from './db/errors.ts';
import { migrate } from './db/migrations.ts';
import { pingDatabase } from './db/ping.ts';
import { AppError, internalError } from './errors.ts';
import { resolvers, routes } from './features/registry.ts';
import { buildSchema } from './graphql/schema.ts';
import { startGraphql } from './graphql/server.ts';
import { addLoadLimits } from './http/load-shedding/load-limits.ts';
import { createLogger, type LogDestination } from './http/logger.ts';
import { createOperationsServer, type OperationsOptions } from './http/operations.ts';
import { addDocs } from './http/routes/docs.ts';
import { addGraphqlRoute } from './http/routes/graphql.ts';
import { addHealthRoutes, createReadiness } from './http/routes/health.ts';
import { recordMethods } from './http/routes/method-not-allowed.ts';
import { addMetricsRoute, createMetrics, measureRequests } from './http/routes/metrics.ts';
import { addRestRoutes } from './http/routes/rest.ts';
import { createHttpServer } from './http/server.ts';
import { drainConnections } from './http/shutdown.ts';
import { startKeyCleanup } from './idempotency/key-cleanup.ts';
import type { RequestContext } from './request-context.ts';

export interface Overrides {
  now?: () => Date;
  logDestination?: LogDestination;
  /** Called with each SQL query as it is sent. */
  onQuery?: (sql: string) => void;
}

export interface App {
  http: FastifyInstance;
  /** The server of `OPERATIONS_PORT`. */
  operations: FastifyInstance | undefined;
  /** Starts to accept requests, on both ports, and returns the address of `PORT`. */
  listen(): Promise<string>;
  /** Logs the reason when the replica is not ready. */
  logReadiness(): Promise<void>;
  /** Starts connection draining: readiness fails, requests are still served, and each response closes its connection. */
  drain(): void;
  /** Finishes the requests in flight, within 10 s, and releases all resources. */
  close(): Promise<void>;
}

/** How long closing the pool waits for running queries. */
const POOL_CLOSE_GRACE_SECONDS = 10;

/** The composition root: connects all parts. Migrates first when `MIGRATE_ON_START` is set. */
export async function buildApp(config: Config, overrides: Overrides = {}): Promise<App> {
  if (config.database.migrateOnStart) await migrateOnStart(config);
  const now = overrides.now ?? (() => new Date());
  const logger = await createLogger(config.logLevel, overrides.logDestination);
  const database = openDatabase({ ...config.database, onQuery: overrides.onQuery });
  const authService = createAuthServiceClient(config.authService, logger);
  const authenticator = createAuthenticator(config.tokens, now);

  const createContext = async (request: FastifyRequest, { anonymous = false } = {}): Promise<RequestContext> => ({
    db: database.db,
    authService: limitLookups(authService),
    now,
    limits: config.limits,
    log: request.log,
    requestId: request.id,
    viewer: anonymous ? null : await authenticator.viewerOf(request.headers.authorization),
    isClosed: () => request.raw.socket.destroyed,
    loaders: new Map(),
  });
  const schema = buildSchema(resolvers, { maxEntities: config.limits.entities });
  const metrics = createMetrics();
  const graphql = await startGraphql({ schema, introspection: config.playground, toAppError, ...metrics });
  const handler = fastifyApolloHandler(graphql, { context: async ({ context }: FastifyRequest) => context });

  let isServing = true;
  const ping = () => pingDatabase(database.db);
  const readiness = createReadiness({ isServing: () => isServing, pingDatabase: ping, logger });
  const shared = { logger, toAppError, metrics, readiness };
  const http = await createPublicServer(config, { ...shared, createContext, handler });
  const operations = config.operationsPort === undefined ? undefined : await createOperationsServer(shared);
  const stopKeyCleanup = startKeyCleanup({ db: database.db, now, log: logger });

  return {
    http,
    operations,
    listen: async () => {
      void authenticator.warmUp();
      const address = await http.listen({ host: config.host, port: config.port });
      await operations?.listen({ host: config.host, port: config.operationsPort ?? 0 });
      return address;
    },
    logReadiness: async () => void (await readiness()),
    drain: () => {
      isServing = false;
      drainConnections(http);
    },
    close: async () => {
      isServing = false;
      stopKeyCleanup();
      await http.close();
      await graphql.stop();
      await database.close(POOL_CLOSE_GRACE_SECONDS);
      await operations?.close();
    },
  };
}

async function migrateOnStart({ database: { url, pooler } }: Config): Promise<void> {
  await migrate(url, { pooler, print: (line) => void process.stderr.write(`${line}\n`) });
}

interface PublicServerOptions extends OperationsOptions {
  createContext: (request: FastifyRequest, options?: { anonymous: boolean }) => Promise<RequestContext>;
  /** The handler of `/graphql`. */
  handler: RouteHandlerMethod;
}

async function createPublicServer(config: Config, options: PublicServerOptions): Promise<FastifyInstance> {
  const { metrics, readiness, createContext } = options;
  const concurrency = {
    maxInFlight: config.load.requestsInFlight,
    onRejected: metrics.countRejection,
    onClosed: metrics.countClosed,
  };
  const http = createHttpServer({ ...options, concurrency });
  const addOtherMethods = recordMethods(http);
  await addLoadLimits(http, config.load);
  if (config.docs) await addDocs(http);
  measureRequests(http, metrics);
  if (config.operationsPort === undefined) addMetricsRoute(http, metrics);
  addHealthRoutes(http, readiness);
  addGraphqlRoute(http, { ...config, ...options });
  addRestRoutes(http, { createContext, routes });
  await addOtherMethods();
  return http;
}

function toAppError(error: unknown): AppError {
  return error instanceof AppError ? error : (toDatabaseAppError(error) ?? internalError(error));
}
