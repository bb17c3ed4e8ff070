import type { Socket } from 'node:net';
import type postgres from 'postgres';

/** How long a query waits for a connection while the pool frees none. */
const ACQUIRE_TIMEOUT_MS = 500;
/** Time limit of a query, waiting for a connection included; above the server's `statement_timeout`. */
const QUERY_TIMEOUT_MS = 1800;
/** Time limit of a transaction, from acquiring a connection to the response to COMMIT. */
const TRANSACTION_TIMEOUT_MS = 2500;
/** Minimum time between two renewals of the pool's connections. */
const RENEW_INTERVAL_MS = 1000;
const READ_ONLY_TRANSACTION = '25006';

type Unsafe = postgres.Sql['unsafe'];
type Begin = (work: (tx: postgres.TransactionSql) => unknown) => Promise<unknown>;

/** The part of a postgres.js query that its types do not declare. */
interface DriverQuery extends PromiseLike<unknown> {
  /** Set by our patch once the query has a connection. */
  readonly socket?: Socket;
  reject(error: Error): void;
  cancel(): void;
}

/** A query that has ended. */
export interface EndedQuery {
  text: string;
  /** `performance.now()` of its start, before it waits for a connection, and of its end. */
  startedAt: number;
  endedAt: number;
  /** Undefined when it has succeeded. */
  error: unknown;
}

export type ObserveQuery = (query: EndedQuery) => void;

interface QueryTimeoutOptions {
  /** The SQL that begins a transaction. */
  begin: string;
  observe?: ObserveQuery | undefined;
}

interface PendingQuery {
  query: DriverQuery;
  text: string;
  startedAt: number;
  /** Whether the query takes its connection from the pool, not from a transaction. */
  isPooled: boolean;
  /** Whether the query returns a connection to the pool when it succeeds. */
  releasesConnection: boolean;
  deadline: number;
  /** The pool's count of releases when the query was last checked. */
  releases: number;
  /** Undefined once the query is settled. */
  timer: NodeJS.Timeout | undefined;
}

/**
 * Adds time limits to every query of `client`. postgres.js 3.4.9 has none. A query waits without limit for a
 * connection, and for a response from a network that drops packets. The server's `statement_timeout` does not help
 * there.
 *
 * - A query without a connection fails when the pool releases none for 0.5 s, and after 1.8 s in any case. A burst
 *   passes, since it releases connections; a stuck pool rejects early.
 * - A query without a response after 1.8 s, or after its transaction's 2.5 s, loses its connection. So does every other
 *   query on that connection.
 * - After such a loss, and when the server turns out to be read-only (a failover), the other connections are renewed as
 *   they become idle. They lead to the same server.
 *
 * drizzle calls `unsafe` and `begin` only, so wrapping these two covers everything. This relies on our patches of
 * postgres.js (patches/README.md). A lost connection fails its queries at once, and a transaction ends with its
 * connection. COMMIT and ROLLBACK go through `unsafe`, and a query exposes its socket.
 */
export function setQueryTimeouts(client: postgres.Sql, options: QueryTimeoutOptions): void {
  const timeouts = new QueryTimeouts(client, options);
  const begin = client.begin.bind(client) as Begin;
  client.unsafe = timeouts.wrap(client.unsafe, { isPooled: true, deadline: Number.POSITIVE_INFINITY });
  client.begin = ((work) => {
    const deadline = performance.now() + TRANSACTION_TIMEOUT_MS;
    return begin((tx) => {
      tx.unsafe = timeouts.wrap(tx.unsafe, { isPooled: false, deadline });
      return work(tx);
    });
  }) satisfies Begin as typeof client.begin;
}

class QueryTimeouts {
  readonly #client: postgres.Sql;
  readonly #options: QueryTimeoutOptions;
  /** Whether the server has ever responded. Before that, a slow first connection looks like a stuck pool. */
  #hasConnected = false;
  #releases = 0;
  #renewedAt = Number.NEGATIVE_INFINITY;

  constructor(client: postgres.Sql, options: QueryTimeoutOptions) {
    this.#client = client;
    this.#options = options;
  }

  wrap(unsafe: Unsafe, { isPooled, deadline }: { isPooled: boolean; deadline: number }): Unsafe {
    return ((sql, parameters, options) => {
      const begins = isPooled && sql.startsWith('begin');
      const text = begins ? this.#options.begin : sql;
      const query = unsafe(text, parameters, options);
      const startedAt = performance.now();
      this.#track({
        query: query as unknown as DriverQuery,
        text,
        startedAt,
        isPooled,
        releasesConnection: isPooled ? !begins : sql === 'commit',
        deadline: Math.min(startedAt + QUERY_TIMEOUT_MS, deadline),
        releases: this.#releases,
        timer: undefined,
      });
      return query;
    }) as Unsafe;
  }

  #track(pending: PendingQuery): void {
    this.#schedule(pending, pending.isPooled ? ACQUIRE_TIMEOUT_MS : pending.deadline - performance.now());
    pending.query.then(
      () => {
        settle(pending);
        this.#hasConnected = true;
        if (pending.releasesConnection) this.#releases++;
        this.#observe(pending);
      },
      (error) => {
        settle(pending);
        this.#observe(pending, error);
        if (error?.code === READ_ONLY_TRANSACTION) this.#renewConnections();
      },
    );
  }

  #observe({ text, startedAt }: PendingQuery, error?: unknown): void {
    this.#options.observe?.({ text, startedAt, endedAt: performance.now(), error });
  }

  #schedule(pending: PendingQuery, ms: number): void {
    pending.timer = setTimeout(this.#onTimer, Math.max(ms, 0), pending);
  }

  /** Lets the event loop read its sockets first: after a stall the response may be there, unread. */
  readonly #onTimer = (pending: PendingQuery): void => void setImmediate(this.#check, pending);

  readonly #check = (pending: PendingQuery): void => {
    if (pending.timer === undefined) return;
    const remaining = pending.deadline - performance.now();
    const isSent = pending.query.socket !== undefined;
    const poolMoves = pending.releases !== this.#releases || !this.#hasConnected;
    pending.releases = this.#releases;
    if (remaining <= 0 || !(isSent || poolMoves)) this.#abort(pending);
    else this.#schedule(pending, isSent ? remaining : Math.min(remaining, ACQUIRE_TIMEOUT_MS));
  };

  #abort({ query, isPooled }: PendingQuery): void {
    if (query.socket !== undefined) {
      const error = timeoutError('PostgreSQL did not respond in time');
      query.reject(error);
      query.socket.destroy(error);
      this.#renewConnections();
      return;
    }
    query.reject(timeoutError('no connection became available in time'));
    // NOTE: removes the query from the pool's queue
    if (isPooled) query.cancel();
  }

  #renewConnections(): void {
    if (performance.now() - this.#renewedAt < RENEW_INTERVAL_MS) return;
    this.#renewedAt = performance.now();
    // NOTE: an undeclared method: closes idle connections at once and the others after their query; the pool stays open
    void (this.#client as unknown as { close(): Promise<void> }).close();
  }
}

function settle(pending: PendingQuery): void {
  clearTimeout(pending.timer);
  pending.timer = undefined;
}

function timeoutError(message: string): Error {
  return Object.assign(new Error(message), { code: 'QUERY_TIMEOUT' });
}
