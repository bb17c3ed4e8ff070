import type { PgDatabase } from 'drizzle-orm/pg-core';
import type { PostgresJsQueryResultHKT } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import { endedQueries } from '../lib/channels.ts';
import { SERVICE_APPLICATION_NAME, serverOptions } from './admin-connection.ts';
import { type Pooler, parseDatabaseUrl } from './database-url.ts';
import { drizzle } from './driver/drizzle.ts';
import { type EndedQuery, type ObserveQuery, setQueryTimeouts } from './driver/query-timeouts.ts';

/** The pool or a transaction of it. */
export type Db = PgDatabase<PostgresJsQueryResultHKT, Record<string, never>>;

export interface Database {
  db: Db;
  pool(): PoolState;
  /** Waits up to `graceSeconds` for running queries, then closes every connection. */
  close(graceSeconds: number): Promise<void>;
}

export interface PoolState {
  /** Connections that run a query or a transaction, or are established for one. */
  used: number;
  idle: number;
  /** Queries and transactions that wait for a connection. */
  waiting: number;
}

type Queues = Record<'open' | 'connecting' | 'busy' | 'full' | 'reserved' | 'waiting', { length: number }>;

interface DatabaseOptions {
  url: string;
  poolSize: number;
  pooler?: Pooler | undefined;
  observeQuery?: ObserveQuery | undefined;
  /** Called with the SQL of each query as it is sent; for tests that count queries. */
  onQuery?: ((sql: string) => void) | undefined;
}

/** Time limits in milliseconds. They are below the handler's; see docs/RELIABILITY.md. */
export const TIMEOUTS = { statement_timeout: 1500, lock_timeout: 500, idle_in_transaction_session_timeout: 3000 };

/** Session settings that every pooler accepts. */
const BASIC_SETTINGS: Partial<postgres.ConnectionParameters> = {
  application_name: SERVICE_APPLICATION_NAME,
  TimeZone: 'UTC',
  DateStyle: 'ISO',
};

/**
 * Session settings of each connection to a server. Generic plans: all queries use an index for all values, and
 * PostgreSQL would otherwise plan the single-user ones at each execution. No JIT compilation: it suits long queries
 * only, and takes seconds for the longest statements.
 */
const SESSION_SETTINGS: Partial<postgres.ConnectionParameters> = {
  ...BASIC_SETTINGS,
  ...TIMEOUTS,
  default_transaction_isolation: 'read committed',
  client_connection_check_interval: 1000,
  plan_cache_mode: 'force_generic_plan',
  jit: 'off',
};

/** The BEGIN of a transaction through a pooler, whose connections have no session settings. It is one message. */
const BEGIN_WITH_TIMEOUTS = [
  'begin isolation level read committed',
  ...Object.entries(TIMEOUTS).map(([name, ms]) => `set local ${name} = ${ms}`),
].join('; ');

/** Time limit of opening a connection: below that of the query that waits for it, which then gets the reason. */
const CONNECT_TIMEOUT_SECONDS = 1.5;

/** Returns the pause between two connection attempts. postgres.js would back off to 20 s, and reconnect as late. */
function reconnectDelaySeconds(): number {
  return 0.05 + Math.random() * 0.05;
}

/**
 * Creates the pool. The first query opens the first connection.
 * @throws Error when postgres.js lacks the patches of `patches/`
 */
export function openDatabase({ url: databaseUrl, poolSize, pooler, ...hooks }: DatabaseOptions): Database {
  if (!('isPatched' in postgres)) throw notPatched();
  const { observeQuery, onQuery } = hooks;
  // NOTE: the cut-over finds the service's sessions by their application_name, so a URL must not change it
  const { url, ...server } = parseDatabaseUrl(databaseUrl);
  url.searchParams.delete('application_name');
  const client = postgres(url.href, {
    ...serverOptions(server),
    max: poolSize,
    connect_timeout: CONNECT_TIMEOUT_SECONDS,
    backoff: reconnectDelaySeconds,
    fetch_types: false,
    onnotice: () => undefined,
    connection: pooler === 'transaction' ? BASIC_SETTINGS : SESSION_SETTINGS,
    ...(onQuery && { debug: (_connection: number, sql: string) => onQuery(sql) }),
  });
  if (!('queues' in client)) throw notPatched();
  const begin = pooler === 'transaction' ? BEGIN_WITH_TIMEOUTS : 'begin';
  const observe = (query: EndedQuery) => {
    observeQuery?.(query);
    if (endedQueries.hasSubscribers) endedQueries.publish(query);
  };
  setQueryTimeouts(client, { begin, observe });
  return {
    db: drizzle(client),
    pool: () => poolState(client),
    close: (graceSeconds) => client.end({ timeout: graceSeconds }),
  };
}

function notPatched(): Error {
  return new Error('postgres.js is not patched: run npm ci without --ignore-scripts');
}

/** Reads the queues of postgres.js, which our patch exposes. */
function poolState(client: postgres.Sql): PoolState {
  const { open, connecting, busy, full, reserved, waiting } = (client as unknown as Record<'queues', Queues>).queues;
  // NOTE: a connection is in `connecting` until its first query ends
  const used = connecting.length + busy.length + full.length + reserved.length;
  return { used, idle: open.length, waiting: waiting.length };
}
