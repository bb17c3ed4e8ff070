import type { PgDatabase } from 'drizzle-orm/pg-core';
import type { PostgresJsQueryResultHKT } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import { setDeadlines } from './deadlines.ts';
import { drizzle } from './drizzle.ts';
import { SERVICE, withoutParameters } from './maintenance.ts';

/** The pool or a transaction: whoever is given one need not know which. */
export type Db = PgDatabase<PostgresJsQueryResultHKT, Record<string, never>>;

export interface Database {
  db: Db;
  /** Waits for running statements, at most `graceSeconds`, then closes every connection. */
  close(graceSeconds: number): Promise<void>;
}

export interface DatabaseOptions {
  url: string;
  poolSize: number;
  /** Hears of every statement as it is sent; for tests that count them. */
  onStatement?: ((sql: string) => void) | undefined;
}

/**
 * What every session of ours runs with. Statements are planned once for each connection: they all go by an index whatever
 * their values are, and PostgreSQL left to itself plans those for one person anew at every call. The server's limits
 * stand below the handler's, see docs/RELIABILITY.md.
 */
const SESSION: Partial<postgres.ConnectionParameters> = {
  application_name: SERVICE,
  TimeZone: 'UTC',
  DateStyle: 'ISO',
  default_transaction_isolation: 'read committed',
  statement_timeout: 1500,
  lock_timeout: 500,
  idle_in_transaction_session_timeout: 3000,
  client_connection_check_interval: 1000,
  plan_cache_mode: 'force_generic_plan',
};

const CONNECT_SECONDS = 1.5;

/** Between attempts of one connection. postgres.js would grow it to 20 s and be as late when the server is back. */
function pauseSeconds(): number {
  return 0.05 + Math.random() * 0.05;
}

/**
 * Connects lazily: the first statement opens the first connection.
 * @throws Error when postgres.js is as it comes: it would give rows that are none of ours, and survive no fault
 */
export function openDatabase({ url, poolSize, onStatement }: DatabaseOptions): Database {
  if (!('isPatched' in postgres))
    throw new Error('postgres.js lacks its patch: npm ci applies it, without --ignore-scripts');
  // The commands that must not run beside the service know it by this name.
  const client = postgres(withoutParameters(url, ['application_name']), {
    max: poolSize,
    connect_timeout: CONNECT_SECONDS,
    backoff: pauseSeconds,
    fetch_types: false,
    onnotice: () => undefined,
    connection: SESSION,
    ...(onStatement && { debug: (_connection: number, sql: string) => onStatement(sql) }),
  });
  setDeadlines(client);
  return { db: drizzle(client), close: (graceSeconds) => client.end({ timeout: graceSeconds }) };
}
