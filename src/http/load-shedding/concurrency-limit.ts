import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { hasBody, isHealthCheck } from '../health-check.ts';
import { type Clock, PROCESS_CLOCK } from './adaptive-limit.ts';
import { type Connection, Connections } from './connections.ts';
import { EvictionQueue } from './eviction-queue.ts';
import { InFlight, type InFlightRequest } from './in-flight.ts';
import { sendOverloadResponse } from './overload-response.ts';

export interface ConcurrencyLimitOptions {
  /** Maximum requests in flight; the adaptive limit is at most this. */
  maxInFlight: number;
  /** Called for each rejected request. */
  onRejected: () => void;
  /** Called for each connection that is closed because of a limit. */
  onClosed?: (reason: CloseReason) => void;
  clock?: Clock;
}

/**
 * `half-sent`: the oldest request without its whole body. `unread`: the oldest response that its client has not read.
 * `idle`: the oldest connection without a request. `pipelined`: a connection with too many requests.
 */
export type CloseReason = 'half-sent' | 'unread' | 'idle' | 'pipelined';

/** Maximum requests whose bodies are not complete, and the maximum bytes of these bodies. */
const MAX_HALF_SENT = 1000;
const MAX_HALF_SENT_BYTES = 16 * 1024 * 1024;
/** A body of at most this length counts from its head. Longer ones and chunked ones count as they arrive. */
const SMALL_BODY_BYTES = 16 * 1024;
/**
 * Maximum connections with unread responses, and the maximum bytes of these responses: more than a replica writes in the
 * time in which a client reads. As much memory again is not yet collected.
 */
const MAX_UNREAD = 1000;
const MAX_UNREAD_BYTES = 32 * 1024 * 1024;
/** Memory of a request and its response without their bodies. */
const EXCHANGE_BYTES = 8 * 1024;
/** A stream whose reader is slow holds an unread chunk and the next one. */
const CHUNKS_PER_STREAM = 2;
/** Maximum requests of one connection without a complete response. */
const MAX_PIPELINED = 100;

/** A request and its response. */
interface Exchange extends InFlightRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly connection: Connection<Exchange>;
  /** Bytes that the exchange has added to the unread ones. */
  unreadBytes: number;
}

/**
 * Limits the requests of one server. A request is in flight, and is measured, while the service works on it: from the end
 * of its body until its response is written. Before and after that the service waits for the client: such requests have
 * limits of their own, over which the connection of the oldest is closed, so that slow clients take no capacity.
 * Pipelined requests of one connection are handled one after another.
 *
 * Requests over the limit get 503 before any other work, logging included: past saturation, work for rejected requests
 * takes capacity from the others.
 */
export class ConcurrencyLimit {
  readonly #server: Server;
  readonly #options: ConcurrencyLimitOptions;
  #handle: RequestListener = () => undefined;
  readonly #connections: Connections<Exchange>;
  readonly #exchanges = new Map<ServerResponse, Exchange>();
  readonly #inFlight: InFlight;
  readonly #halfSent: EvictionQueue<Exchange>;
  readonly #unread: EvictionQueue<Connection<Exchange>>;

  constructor(server: Server, options: ConcurrencyLimitOptions) {
    this.#server = server;
    this.#options = options;
    this.#connections = new Connections(server, () => options.onClosed?.('idle'));
    this.#inFlight = new InFlight(options.maxInFlight, options.clock ?? PROCESS_CLOCK);
    this.#halfSent = new EvictionQueue({
      maxItems: MAX_HALF_SENT,
      maxBytes: MAX_HALF_SENT_BYTES,
      evict: ({ connection }) => this.#closeConnection(connection, 'half-sent'),
    });
    this.#unread = new EvictionQueue({
      maxItems: MAX_UNREAD,
      maxBytes: MAX_UNREAD_BYTES,
      evict: (connection) => this.#closeConnection(connection, 'unread'),
    });
  }

  /** The requests that have no complete response yet, in flight or not. */
  get openRequests(): number {
    return this.#exchanges.size;
  }

  /** Passes the server's requests to `handle`, except those that exceed a limit. */
  passTo(handle: RequestListener): void {
    this.#handle = handle;
    this.#server.on('request', (request, response) => this.#receive(request, response));
  }

  /** Counts a body that is about to be read. Its stream starts to flow in the next tick. */
  readBody(request: IncomingMessage, response: ServerResponse): void {
    const exchange = this.#exchanges.get(response);
    if (exchange === undefined || !this.#halfSent.has(exchange)) return;
    if (smallBodyBytes(request) !== undefined) return;
    request.on('data', ({ length }: Buffer) => {
      if (this.#halfSent.has(exchange)) this.#halfSent.add(exchange, length);
    });
  }

  /** Starts a request whose body is complete. Returns false if that is over the limit; the caller then rejects it. */
  endBody(response: ServerResponse): boolean {
    const exchange = this.#exchanges.get(response);
    if (exchange === undefined || !this.#halfSent.has(exchange)) return true;
    const bytes = this.#halfSent.remove(exchange);
    if (this.#inFlight.rejects(bytes)) {
      this.#options.onRejected();
      return false;
    }
    this.#inFlight.start(exchange, bytes);
    return true;
  }

  /** Ends a request whose response is complete and will be written now. */
  endRequest(response: ServerResponse, bytes: number): void {
    const exchange = this.#exchanges.get(response);
    if (exchange !== undefined) this.#waitForClient(exchange, bytes);
  }

  /** Ends the measurement of a request whose response is a stream. It is in flight except while the client reads. */
  startStream(response: ServerResponse): void {
    const exchange = this.#exchanges.get(response);
    if (exchange === undefined) return;
    this.#inFlight.endMeasurement(exchange);
    response.once('pipe', (stream) => {
      stream.on('data', (chunk: string | Buffer) => {
        if (!exchange.isInFlight || !response.writableNeedDrain) return;
        this.#waitForClient(exchange, Buffer.byteLength(chunk) * CHUNKS_PER_STREAM);
      });
      stream.once('end', () => this.endRequest(response, 0));
    });
    response.on('drain', () => {
      if (!this.#exchanges.has(response)) return;
      this.#removeUnread(exchange);
      this.#inFlight.resume(exchange);
    });
  }

  /** Returns whether an error may be written to the socket: no earlier response is missing or incomplete. */
  allowsErrorResponse(socket: Socket): boolean {
    const connection = this.#connections.of(socket);
    return connection === undefined || (connection.openRequests <= 1 && !this.#unread.has(connection));
  }

  #receive(request: IncomingMessage, response: ServerResponse): void {
    const connection = this.#connections.openRequest(request.socket);
    if (connection === undefined) return;
    if (connection.openRequests > MAX_PIPELINED) {
      this.#closeConnection(connection, 'pipelined');
      return;
    }
    const phase = { isInFlight: false, startedAt: undefined, bodyBytes: 0, unreadBytes: 0 };
    const exchange: Exchange = { request, response, connection, ...phase };
    this.#exchanges.set(response, exchange);
    response.once('close', () => this.#end(exchange));
    if (connection.openRequests > 1) {
      connection.pipelined.push(exchange);
      this.#addUnread(exchange, 0);
    } else this.#begin(exchange);
  }

  /** Handles or rejects a request: when its head has arrived, or after the requests before it on its connection. */
  #begin(exchange: Exchange): void {
    const { request, response } = exchange;
    if (!isHealthCheck(request)) {
      if (this.#inFlight.rejects(0)) {
        this.#reject(exchange);
        return;
      }
      if (hasBody(request)) this.#halfSent.add(exchange, smallBodyBytes(request) ?? 0);
      else this.#inFlight.start(exchange, 0);
    }
    this.#handle(request, response);
  }

  #reject(exchange: Exchange): void {
    this.#options.onRejected();
    this.#addUnread(exchange, 0);
    sendOverloadResponse(exchange.request, exchange.response);
  }

  #end(exchange: Exchange): void {
    const { response, connection } = exchange;
    this.#exchanges.delete(response);
    this.#halfSent.remove(exchange);
    this.#inFlight.stop(exchange);
    this.#removeUnread(exchange);
    this.#connections.closeRequest(connection);
    const next = connection.socket.writable ? connection.pipelined.shift() : undefined;
    if (next === undefined) return;
    this.#removeUnread(next);
    this.#begin(next);
  }

  #waitForClient(exchange: Exchange, bytes: number): void {
    this.#halfSent.remove(exchange);
    this.#inFlight.stop(exchange);
    this.#removeUnread(exchange);
    this.#addUnread(exchange, bytes);
  }

  #addUnread(exchange: Exchange, bytes: number): void {
    exchange.unreadBytes = bytes + EXCHANGE_BYTES;
    this.#unread.add(exchange.connection, exchange.unreadBytes);
  }

  #removeUnread(exchange: Exchange): void {
    if (exchange.unreadBytes === 0) return;
    this.#unread.subtract(exchange.connection, exchange.unreadBytes);
    exchange.unreadBytes = 0;
  }

  #closeConnection({ socket }: Connection<Exchange>, reason: CloseReason): void {
    socket.destroy();
    this.#options.onClosed?.(reason);
  }
}

/** Returns the length of a body that counts from its head; undefined for others. */
function smallBodyBytes({ headers }: IncomingMessage): number | undefined {
  const bytes = Number(headers['content-length']);
  return bytes <= SMALL_BODY_BYTES ? bytes : undefined;
}
