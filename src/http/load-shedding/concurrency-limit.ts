import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { CHUNKS_PER_STREAM, LONG_RESPONSE_BYTES } from '../../lib/response-pieces.ts';
import { sendHeadersTooLarge } from '../errors/malformed-request.ts';
import { isHealthCheck } from '../health-check.ts';
import { dropBody, hasBody, receivedBytes, startBody } from '../read-body.ts';
import { type Clock, PROCESS_CLOCK } from './adaptive-limit.ts';
import { Connections } from './connections.ts';
import { EvictionQueue } from './eviction-queue.ts';
import { type Connection, createExchange, type Exchange, exchangeOf, removeExchange } from './exchange.ts';
import { InFlight } from './in-flight.ts';
import { sendOverloadResponse } from './overload-response.ts';
import { PipelinedRequests } from './pipelined-requests.ts';
import type { CloseReason, RejectReason } from './reasons.ts';
import { UnreadResponses } from './unread-responses.ts';

export interface ConcurrencyLimitOptions {
  /** Maximum requests in flight; the adaptive limit is at most this. */
  maxInFlight: number;
  /** Called for each rejected request. */
  onRejected: (reason: RejectReason) => void;
  /** Called for each connection that is closed because of a limit. */
  onClosed?: (reason: CloseReason) => void;
  /** The origins whose pages may read the response to a rejected request. */
  allowedOrigins?: ReadonlySet<string> | undefined;
  clock?: Clock;
}

/** Maximum requests whose bodies are not complete, and the maximum bytes of these bodies. */
const MAX_HALF_SENT = 1000;
const MAX_HALF_SENT_BYTES = 16 * 1024 * 1024;
/** A body of at most this length counts from its head. Longer ones and chunked ones count as they arrive. */
const SMALL_BODY_BYTES = 16 * 1024;
/**
 * Maximum lines of headers, as in Apache httpd. Short ones take many times their bytes of memory; node:http allows
 * 1,000.
 */
const MAX_HEADER_LINES = 100;
/** Maximum requests of one connection without a complete response. */
const MAX_PIPELINED = 100;
/** Maximum chunks of a chunked body, since each takes CPU time, and a client can send one for each byte. */
const MAX_CHUNKS = 10_000;

/**
 * Limits the requests of one server. A request is in flight, and is measured, while the service works on it: from the
 * end of its body until its response is written. Before and after that the service waits for the client. Such requests
 * have limits of their own, over which the connection of the oldest is closed, so that slow clients take no capacity.
 * Pipelined requests of one connection are handled one after another.
 *
 * Requests over the limit get 503 before any other work, logging included: past saturation, work for rejected requests
 * takes capacity from the others.
 */
export class ConcurrencyLimit {
  readonly #server: Server;
  readonly #options: ConcurrencyLimitOptions;
  #handle: RequestListener = () => undefined;
  readonly connections: Connections;
  readonly inFlight: InFlight;
  #openRequests = 0;
  readonly #halfSent: EvictionQueue<Exchange>;
  readonly #pipelined: PipelinedRequests;
  readonly unread: UnreadResponses;

  constructor(server: Server, options: ConcurrencyLimitOptions) {
    this.#server = server;
    this.#options = options;
    this.connections = new Connections(server, (reason) => options.onClosed?.(reason));
    this.inFlight = new InFlight(options.maxInFlight, options.clock ?? PROCESS_CLOCK);
    this.#halfSent = new EvictionQueue({
      maxItems: MAX_HALF_SENT,
      maxBytes: MAX_HALF_SENT_BYTES,
      evict: ({ connection }) => this.#closeConnection(connection, 'half_sent'),
    });
    this.#pipelined = new PipelinedRequests((connection) => this.#closeConnection(connection, 'pipelined'));
    this.unread = new UnreadResponses((connection) => this.#closeConnection(connection, 'unread'));
  }

  /** The requests that have no complete response yet, in flight or not. */
  get openRequests(): number {
    return this.#openRequests;
  }

  /** Passes the server's requests to `handle`, except those that exceed a limit. */
  passTo(handle: RequestListener): void {
    this.#handle = handle;
    this.#server.on('request', (request, response) => this.#receive(request, response));
  }

  /**
   * Starts a request whose body is parsed, or is not wanted. Returns false if that is over the limit; the caller then
   * rejects it.
   * @param valueBytes the memory of the parsed body besides its bytes
   */
  tryStart(response: ServerResponse, valueBytes = 0): boolean {
    const exchange = exchangeOf(response);
    if (exchange === undefined) return true;
    dropBody(exchange.request);
    this.#startWork(exchange);
    if (exchange.isRejected || this.inFlight.growBody(exchange, valueBytes)) return !exchange.isRejected;
    this.inFlight.abandon(exchange);
    this.#options.onRejected('body_bytes');
    return false;
  }

  /** Ends a request whose response is complete and will be written now. */
  endRequest(response: ServerResponse, bytes: number): void {
    const exchange = exchangeOf(response);
    if (exchange === undefined) return;
    dropBody(exchange.request);
    this.#waitForClient(exchange, bytes);
    if (bytes > LONG_RESPONSE_BYTES) response.on('drain', () => this.unread.renew(exchange.connection));
  }

  /** Ends the measurement of a request whose response is a stream. It is in flight except while the client reads. */
  startStream(response: ServerResponse): void {
    const exchange = exchangeOf(response);
    if (exchange === undefined) return;
    this.inFlight.endMeasurement(exchange);
    response.once('pipe', (stream) => {
      stream.on('data', (chunk: string | Buffer) => {
        if (!exchange.isInFlight || !response.writableNeedDrain) return;
        this.#waitForClient(exchange, heldBytes(chunk) * CHUNKS_PER_STREAM);
      });
      stream.once('end', () => this.endRequest(response, 0));
    });
    response.on('drain', () => {
      if (exchangeOf(response) === undefined) return;
      this.unread.removeResponse(exchange);
      this.inFlight.resume(exchange);
    });
  }

  #receive(request: IncomingMessage, response: ServerResponse): void {
    const connection = this.connections.openRequest(request.socket);
    if (connection === undefined) return;
    // A chunk for each byte takes much CPU time, and no known client pipelines a chunked body.
    const isChunked = request.headers['transfer-encoding'] !== undefined;
    if (connection.openRequests > MAX_PIPELINED || (isChunked && connection.openRequests > 1)) {
      this.#closeConnection(connection, 'pipelined');
      return;
    }
    const exchange = createExchange(request, response, connection);
    this.#openRequests++;
    response.once('close', () => this.#end(exchange));
    if (isChunked) this.#limitChunks(exchange);
    if (connection.openRequests > 1) this.#wait(exchange);
    else this.#begin(exchange);
  }

  /** Closes the connection of a body with too many chunks, also while the body is discarded. */
  #limitChunks({ request, connection }: Exchange): void {
    let chunks = 0;
    request.on('data', () => {
      if (++chunks === MAX_CHUNKS + 1) this.#closeConnection(connection, 'chunks');
    });
  }

  /** Lets a request wait for those before it. Its body is read meanwhile: its stream would keep each chunk. */
  #wait(exchange: Exchange): void {
    const { request } = exchange;
    this.#pipelined.add(exchange);
    if (!hasBody(request)) return;
    this.#pipelined.addBytes(exchange, smallBodyBytes(request) ?? 0);
    this.#readBody(exchange);
  }

  /** Handles or rejects a request: when its head has arrived, or after the requests before it on its connection. */
  #begin(exchange: Exchange): void {
    const { request, response, connection } = exchange;
    connection.current = exchange;
    const isLimited = !isHealthCheck(request);
    const exceeded = hasManyHeaders(request) ? 'header_lines' : isLimited ? this.inFlight.exceededLimit(0) : undefined;
    if (exceeded !== undefined) {
      this.#reject(exchange, exceeded);
      return;
    }
    if (hasBody(request)) this.#awaitBody(exchange);
    else if (isLimited) this.inFlight.start(exchange, 0);
    this.#handle(request, response);
  }

  /**
   * Waits for the body of the current request. A long body waits to be parsed after its end: from then on the service
   * works on the request, or has rejected it.
   */
  #awaitBody(exchange: Exchange): void {
    const { request } = exchange;
    const received = receivedBytes(request);
    this.#halfSent.add(exchange, smallBodyBytes(request) ?? received ?? 0);
    if (received === undefined) this.#readBody(exchange);
    else if (request.readableEnded) this.#startWork(exchange);
  }

  /** Reads the body of a request into one buffer, and counts the bytes that it keeps where the request is meanwhile. */
  #readBody(exchange: Exchange): void {
    const { request } = exchange;
    startBody(request);
    if (smallBodyBytes(request) !== undefined) return;
    let counted = 0;
    request.on('data', () => {
      const bytes = (receivedBytes(request) ?? 0) - counted;
      counted += bytes;
      if (exchange.waitingBytes > 0) this.#pipelined.addBytes(exchange, bytes);
      else if (this.#halfSent.has(exchange)) this.#halfSent.add(exchange, bytes);
    });
    request.once('end', () => this.#startWork(exchange));
  }

  #startWork(exchange: Exchange): void {
    if (!this.#halfSent.has(exchange)) return;
    const bytes = this.#halfSent.remove(exchange);
    const exceeded = this.inFlight.exceededLimit(bytes);
    exchange.isRejected = exceeded !== undefined;
    if (exceeded === undefined) this.inFlight.start(exchange, bytes);
    else this.#options.onRejected(exceeded);
  }

  #reject(exchange: Exchange, reason: RejectReason): void {
    this.#options.onRejected(reason);
    this.unread.addResponse(exchange, 0);
    const { request, response } = exchange;
    dropBody(request);
    request.resume();
    if (reason === 'header_lines') sendHeadersTooLarge(response);
    else sendOverloadResponse(request, response, this.#options.allowedOrigins);
  }

  #end(exchange: Exchange): void {
    const { request, response, connection } = exchange;
    removeExchange(response);
    this.#openRequests--;
    this.#halfSent.remove(exchange);
    if (response.writableEnded) this.inFlight.stop(exchange);
    else this.inFlight.abandon(exchange);
    this.unread.removeResponse(exchange);
    this.connections.closeRequest(connection);
    connection.current = undefined;
    if (!request.complete) this.connections.awaitEnd(connection, request);
    const next = this.#pipelined.next(connection);
    if (connection.isClosing && next?.request.complete !== true) connection.socket.destroySoon();
    else if (next !== undefined) this.#begin(next);
  }

  #waitForClient(exchange: Exchange, bytes: number): void {
    this.#halfSent.remove(exchange);
    this.inFlight.stop(exchange);
    this.unread.addResponse(exchange, bytes);
  }

  #closeConnection({ socket }: Connection, reason: CloseReason): void {
    socket.destroy();
    this.#options.onClosed?.(reason);
  }
}

/** Returns the memory of a chunk: a piece holds the whole one that it is a part of. */
function heldBytes(chunk: string | Buffer): number {
  return typeof chunk === 'string' ? Buffer.byteLength(chunk) : chunk.buffer.byteLength;
}

/** Returns the length of a body that counts from its head; undefined for others. */
function smallBodyBytes({ headers }: IncomingMessage): number | undefined {
  const bytes = Number(headers['content-length']);
  return bytes <= SMALL_BODY_BYTES ? bytes : undefined;
}

function hasManyHeaders({ rawHeaders }: IncomingMessage): boolean {
  return rawHeaders.length > 2 * MAX_HEADER_LINES;
}
