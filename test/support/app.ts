import { vi } from 'vitest';
import { buildApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { type AuthService, audience, issuer } from './auth-service.ts';
import { createHttpClient, type HttpClient } from './http-client.ts';
import type { Json } from './json.ts';
import { Recording } from './recording.ts';

export type Env = Record<string, string | undefined>;

export interface ServiceOverrides {
  /** The service's wall clock. */
  now?: () => Date;
  /** False by default: tests of the same worker block the event loop of the service on a busy machine. */
  limitsEventLoopDelay?: boolean;
}

/** The service in this process, called over HTTP. */
export interface Service extends HttpClient {
  /**
   * The SQL that the service has sent, without transaction control and searches for backfills; `clear()` before the
   * call under test.
   */
  statements: Recording<string>;
  /** The lines of the service's log, parsed. */
  logs: Recording<Json>;
  app: Awaited<ReturnType<typeof buildApp>>;
  close(): Promise<void>;
}

/**
 * Returns the environment of a service on this database and auth-service. `env` overrides it; undefined removes a
 * variable.
 */
export function serviceEnv(database: { url: string }, auth: AuthService, env: Env = {}): Env {
  return {
    HOST: '127.0.0.1',
    PORT: '0',
    NODE_ENV: 'test',
    DATABASE_URL: database.url,
    DATABASE_POOL_SIZE: '5',
    AUTH_ISSUER: issuer,
    AUTH_AUDIENCE: audience,
    ...(auth.secret ? { AUTH_JWT_SECRET: auth.secret } : { AUTH_JWKS_URL: auth.jwksUrl }),
    AUTH_SERVICE_URL: auth.url,
    ...env,
  };
}

/** Tells whether the statement is transaction control, such as BEGIN: counts of statements leave it out. */
function isTransactionControl(sql: string): boolean {
  return /^\s*(begin|commit|rollback|savepoint|release|set|start transaction)\b/i.test(sql);
}

/** Tells whether the statement searches for a backfill, as each replica does in the background. */
function isBackfillSearch(sql: string): boolean {
  return sql.includes('with claimable as');
}

export async function startService(
  env: Env,
  { now, limitsEventLoopDelay = false }: ServiceOverrides = {},
): Promise<Service> {
  const statements = new Recording<string>();
  const logs = new Recording<Json>();
  const app = await buildApp(readConfig(env), {
    ...(now && { now }),
    limitsEventLoopDelay,
    logDestination: { write: (line) => void logs.push(JSON.parse(line)) },
    onQuery: (sql) => void (isTransactionControl(sql) || isBackfillSearch(sql) || statements.push(sql)),
  });
  const client = createHttpClient(await app.listen());
  return {
    ...client,
    statements,
    logs,
    app,
    async close() {
      client.disconnect();
      await app.close();
    },
  };
}

/**
 * Starts a service and waits until it has requested the JWKS of a healthy auth-service. The service does so in the
 * background, so the request would otherwise appear among the calls that a test counts.
 */
export async function startServiceWithJwks(
  database: { url: string },
  auth: AuthService,
  env: Env = {},
): Promise<Service> {
  const before = auth.callsTo('jwks').length;
  const service = await startService(serviceEnv(database, auth, env));
  await vi.waitUntil(() => auth.callsTo('jwks').length > before, { timeout: 10_000 });
  return service;
}
