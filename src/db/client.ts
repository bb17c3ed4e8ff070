import type { PgDatabase } from 'drizzle-orm/pg-core';
import type { PostgresJsQueryResultHKT } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import { SERVICE_APPLICATION_NAME, withoutUrlParameters } from './admin-connection.ts';
import { drizzle } from './driver/drizzle.ts';
import { setQueryTimeouts } from './driver/query-timeouts.ts';

/** The pool or a transaction of it. */
export type Db = PgDatabase<PostgresJsQueryResultHKT, Record<string, never>>;

export interface Database {
  db: Db;
  /** Waits up to `graceSeconds` for running queries, then closes every connection. */
  close(graceSeconds: number): Promise<void>;
}

export interface DatabaseOptions {
  url: string;
  poolSize: number;
  /** Called with the SQL of each query as it is sent; for tests that count queries. */
  onQuery?: ((sql: string) => void) | undefined;
}

/**
 * Session settings of each connection. Generic plans: all queries use an index whatever their values, and PostgreSQL
 * would otherwise plan the single-user ones at each execution. The time limits are below the handler's; see
 * docs/RELIABILITY.md.
 */
const SESSION_SETTINGS: Partial<postgres.ConnectionParameters> = {
  application_name: SERVICE_APPLICATION_NAME,
  TimeZone: 'UTC',
  DateStyle: 'ISO',
  default_transaction_isolation: 'read committed',
  statement_timeout: 1500,
  lock_timeout: 500,
  idle_in_transaction_session_timeout: 3000,
  client_connection_check_interval: 1000,
  plan_cache_mode: 'force_generic_plan',
};

const CONNECT_TIMEOUT_SECONDS = 1.5;

/** Returns the pause between two connection attempts. postgres.js would back off to 20 s, and reconnect as late. */
function reconnectDelaySeconds(): number {
  return 0.05 + Math.random() * 0.05;
}

/**
 * Creates the pool. The first query opens the first connection.
 * @throws Error when postgres.js lacks the patches of `patches/`
 */
export function openDatabase({ url, poolSize, onQuery }: DatabaseOptions): Database {
  if (!('isPatched' in postgres)) {
    throw new Error('postgres.js is not patched: run npm ci without --ignore-scripts');
  }
  // NOTE: the cut-over finds the service's sessions by their application_name, so a URL must not change it
  const client = postgres(withoutUrlParameters(url, ['application_name']), {
    max: poolSize,
    connect_timeout: CONNECT_TIMEOUT_SECONDS,
    backoff: reconnectDelaySeconds,
    fetch_types: false,
    onnotice: () => undefined,
    connection: SESSION_SETTINGS,
    ...(onQuery && { debug: (_connection: number, sql: string) => onQuery(sql) }),
  });
  setQueryTimeouts(client);
  return { db: drizzle(client), close: (graceSeconds) => client.end({ timeout: graceSeconds }) };
}
