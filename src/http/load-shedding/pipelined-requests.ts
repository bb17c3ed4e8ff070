import type { IncomingMessage } from 'node:http';
import { EvictionQueue } from './eviction-queue.ts';
import { type Connection, EXCHANGE_BYTES, type Exchange } from './exchange.ts';

/** Maximum connections with requests that wait, and the memory of these requests and their bodies. */
const MAX_CONNECTIONS = 1000;
const MAX_BYTES = 16 * 1024 * 1024;
/** Maximum memory of the waiting requests of one connection: a longest body and as much for the others. */
const MAX_CONNECTION_BYTES = 2 * 1024 * 1024;
/** Memory of a name or a value of a header besides its characters. */
const HEADER_BYTES = 60;

/**
 * The requests that wait for the one before them on their connection. A connection over its own limit closes. Over the
 * limit of all, the connection closes that has got no response for longest.
 */
export class PipelinedRequests {
  readonly #connections: EvictionQueue<Connection>;
  readonly #close: (connection: Connection) => void;

  constructor(close: (connection: Connection) => void) {
    this.#close = close;
    this.#connections = new EvictionQueue({ maxItems: MAX_CONNECTIONS, maxBytes: MAX_BYTES, evict: close });
  }

  add(exchange: Exchange): void {
    exchange.connection.pipelined.push(exchange);
    this.addBytes(exchange, EXCHANGE_BYTES + headBytes(exchange.request));
  }

  /** Adds bytes of the body of a request that waits. */
  addBytes(exchange: Exchange, bytes: number): void {
    const { connection } = exchange;
    if (connection.socket.destroyed) return;
    if (this.#connections.bytesOf(connection) + bytes > MAX_CONNECTION_BYTES) {
      this.#connections.remove(connection);
      this.#close(connection);
      return;
    }
    exchange.waitingBytes += bytes;
    this.#connections.add(connection, bytes);
  }

  /** Returns the next request of a connection, which waits no longer; undefined if there is none. */
  next(connection: Connection): Exchange | undefined {
    const next = connection.socket.writable ? connection.pipelined.shift() : undefined;
    if (next === undefined) {
      this.#connections.remove(connection);
      return undefined;
    }
    this.#connections.subtract(connection, next.waitingBytes);
    next.waitingBytes = 0;
    return next;
  }
}

/** Returns the approximate memory of a head. */
function headBytes({ url = '', rawHeaders }: IncomingMessage): number {
  return rawHeaders.reduce((sum, { length }) => sum + length + HEADER_BYTES, url.length);
}
