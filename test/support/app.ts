import { vi } from 'vitest';
import { buildApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { type AuthService, audience, issuer } from './auth-service.ts';
import { createHttpClient, type HttpClient } from './http-client.ts';
import type { Json } from './json.ts';
import { Recording } from './recording.ts';

export type Env = Record<string, string | undefined>;

export interface ServiceOverrides {
  /** The service's clock. */
  now?: () => Date;
}

/** The service in this process, spoken to over HTTP. */
export interface Service extends HttpClient {
  /** The SQL that the service has sent, without transactions' bookkeeping; `clear()` before the act. */
  statements: Recording<string>;
  /** The service's log, a parsed object for each line. */
  logs: Recording<Json>;
  app: Awaited<ReturnType<typeof buildApp>>;
  close(): Promise<void>;
}

/** What joins a service to this database and this auth-service; `env` is laid over it, undefined removes. */
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

/** Begin, commit and their like: a count of statements asks about the work. */
export function isBookkeeping(sql: string): boolean {
  return /^\s*(begin|commit|rollback|savepoint|release|set|start transaction)\b/i.test(sql);
}

export async function startService(env: Env, { now }: ServiceOverrides = {}): Promise<Service> {
  const statements = new Recording<string>();
  const logs = new Recording<Json>();
  const app = await buildApp(readConfig(env), {
    ...(now && { now }),
    logDestination: { write: (line) => void logs.push(JSON.parse(line)) },
    onQuery: (sql) => void (isBookkeeping(sql) || statements.push(sql)),
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
 * A service that has asked an auth-service, which is well, for its keys. It does so by itself while it starts, so the call
 * of one that has only just started can arrive among those that a test counts.
 */
export async function startWithKeys(database: { url: string }, auth: AuthService, env: Env = {}): Promise<Service> {
  const before = auth.callsTo('jwks').length;
  const service = await startService(serviceEnv(database, auth, env));
  await vi.waitUntil(() => auth.callsTo('jwks').length > before);
  return service;
}
