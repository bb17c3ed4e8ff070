import { fastifyApolloHandler } from '@as-integrations/fastify';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { createAuthenticator } from './auth/authenticate.ts';
import { badgesResolvers } from './badges/badges.resolvers.ts';
import { badgesRoutes } from './badges/badges.routes.ts';
import type { Config } from './config.ts';
import { type Context, createContext } from './context.ts';
import { openDatabase } from './db/client.ts';
import { explainDatabaseFailure } from './db/failure.ts';
import { deleteExpiredAnswers } from './db/idempotency-keys.ts';
import { migrate } from './db/migrate.ts';
import { pingDatabase } from './db/ping.ts';
import { AppError, internal } from './errors.ts';
import { goalsResolvers } from './goals/goals.resolvers.ts';
import { goalsRoutes } from './goals/goals.routes.ts';
import { buildSchema } from './graphql/schema.ts';
import { startGraphql } from './graphql/server.ts';
import { addDocs } from './http/docs.ts';
import { addGraphqlRoute } from './http/graphql.ts';
import { addHealthRoutes } from './http/health.ts';
import { addLoadLimits } from './http/load.ts';
import { createLogger, type LogDestination } from './http/logger.ts';
import { watchMethods } from './http/methods.ts';
import { addMetrics, createMetrics } from './http/metrics.ts';
import { addRestRoutes } from './http/rest.ts';
import { createHttpServer } from './http/server.ts';
import { sendClientsAway } from './http/stop.ts';
import type { Scope } from './scope.ts';
import { createUserDirectory } from './users/users.remote.ts';
import { usersResolvers } from './users/users.resolvers.ts';
import { usersRoutes } from './users/users.routes.ts';

export interface Overrides {
  now?: () => Date;
  logDestination?: LogDestination;
  /** Hears of every SQL statement as it is sent. */
  onStatement?: (sql: string) => void;
}

export interface App {
  http: FastifyInstance;
  /** Resolves with the address, once requests are taken. */
  listen(): Promise<string>;
  /** From now on not ready, but still serving: every answer asks its client to connect anew. */
  drain(): void;
  /** Finishes what is in flight, at most 10 s long, then lets go of everything. */
  close(): Promise<void>;
}

const CLOSE_GRACE_SECONDS = 10;
const CLEANING_MS = 3_600_000;

/** Puts the service together: the only place that knows every part. Migrates first when the configuration says so. */
export async function buildApp(config: Config, overrides: Overrides = {}): Promise<App> {
  if (config.database.migrateOnStart) await migrate(config.database.url);
  const now = overrides.now ?? (() => new Date());
  const logger = await createLogger(config.logLevel, overrides.logDestination);
  const database = openDatabase({ ...config.database, onStatement: overrides.onStatement });
  const users = createUserDirectory(config.authService);
  const authenticator = createAuthenticator(config.tokens, now);

  const scopeOf = async (request: FastifyRequest, { anonymous = false } = {}): Promise<Scope> => ({
    db: database.db,
    users,
    now,
    limits: config.limits,
    log: request.log,
    requestId: request.id,
    viewer: anonymous ? null : await authenticator.viewerOf(request.headers.authorization),
  });
  const schema = buildSchema([usersResolvers, badgesResolvers, goalsResolvers], {
    maxEntities: config.limits.entities,
  });
  const metrics = createMetrics();
  const graphql = await startGraphql({ schema, introspection: config.playground, explain, ...metrics });

  let serving = true;
  const isServing = () => serving;
  const admission = { limit: config.load.requestsInFlight, isServing, onRefusal: metrics.countRefusal };
  const http = createHttpServer({ admission, logger, explain });
  const answerOtherMethods = watchMethods(http);
  await addLoadLimits(http, config.load);
  await addDocs(http);
  addMetrics(http, metrics);
  addHealthRoutes(http, { isServing, pingDatabase: () => pingDatabase(database.db) });
  addGraphqlRoute(http, { ...config, scopeOf, explain, handler: fastifyApolloHandler(graphql, { context }) });
  addRestRoutes(http, { scopeOf, routes: [usersRoutes, badgesRoutes, goalsRoutes] });
  await answerOtherMethods();

  const cleaning = setInterval(() => {
    deleteExpiredAnswers(database.db, now()).catch((error) => logger.warn({ err: error }, 'cleaning failed'));
  }, CLEANING_MS).unref();

  return {
    http,
    listen: async () => {
      void authenticator.warm();
      return http.listen({ host: config.host, port: config.port });
    },
    drain: () => {
      serving = false;
      sendClientsAway(http);
    },
    close: async () => {
      serving = false;
      clearInterval(cleaning);
      await http.close();
      await graphql.stop();
      await database.close(CLOSE_GRACE_SECONDS);
    },
  };
}

async function context({ scope }: FastifyRequest): Promise<Context> {
  return createContext(scope);
}

/** What anything thrown means to whoever asked. */
function explain(error: unknown): AppError {
  return error instanceof AppError ? error : (explainDatabaseFailure(error) ?? internal(error));
}
