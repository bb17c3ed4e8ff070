import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Connection } from './exchange.ts';

/** Maximum connections, since each takes memory, most of it for the lines of an incomplete head. */
const MAX_CONNECTIONS = 4000;
/** Up to this many connections without a request, idle connections are closed first, so that clients can connect. */
const RESERVED_FOR_NEW = 1000;

/**
 * Limits the connections of a server. Over the limit, the oldest connection that has sent no request is closed, or the
 * one that has been idle longest. Connections with open requests have other limits.
 */
export class Connections {
  readonly #connections = new Map<Socket, Connection>();
  /** Connections that have sent no complete head, the oldest first. */
  readonly #silent = new Set<Connection>();
  /** Connections between two requests, the one that has been idle longest first. */
  readonly #idle = new Set<Connection>();
  readonly #onClosed: (reason: 'idle' | 'inactive') => void;

  /** @param onClosed called for each connection that is closed because of a limit */
  constructor(server: Server, onClosed: (reason: 'idle' | 'inactive') => void) {
    this.#onClosed = onClosed;
    server.on('connection', (socket) => this.#open(socket));
    server.on('timeout', (socket) => this.#closeInactive(socket));
  }

  /** Returns the connection of a request whose head has arrived; undefined when it is closed. */
  openRequest(socket: Socket): Connection | undefined {
    const connection = socket.destroyed ? undefined : this.#connections.get(socket);
    if (connection === undefined) return undefined;
    if (!this.#idle.delete(connection)) this.#silent.delete(connection);
    connection.openRequests++;
    return connection;
  }

  closeRequest(connection: Connection): void {
    connection.openRequests--;
    if (connection.openRequests === 0 && this.#connections.has(connection.socket)) this.#idle.add(connection);
  }

  /**
   * Returns whether an error may be written to the socket. It is the response to an incomplete head, or to a request
   * whose body is incomplete. A complete request gets its own response.
   */
  allowsErrorResponse(socket: Socket): boolean {
    const connection = this.#connections.get(socket);
    if (connection === undefined) return true;
    const { current, hasEarlyResponse } = connection;
    if (current === undefined) return !hasEarlyResponse;
    return !current.request.complete && !current.response.headersSent;
  }

  /** Notes that an error is written to the socket, in place of the response to its current request. */
  noteErrorResponse(socket: Socket): void {
    const current = this.#connections.get(socket)?.current;
    if (current !== undefined) current.hasErrorResponse = true;
  }

  /** Notes that the latest response was complete before its request, until the rest of the body has arrived. */
  awaitEnd(connection: Connection, request: IncomingMessage): void {
    connection.hasEarlyResponse = true;
    request.once('end', () => {
      connection.hasEarlyResponse = false;
    });
  }

  /** Closes a connection after the responses to its complete requests. */
  closeAfterResponses(socket: Socket): void {
    const connection = this.#connections.get(socket);
    if (connection?.current === undefined) socket.destroy();
    else connection.isClosing = true;
  }

  #open(socket: Socket): void {
    const connection: Connection = {
      socket,
      openRequests: 0,
      current: undefined,
      pipelined: [],
      hasEarlyResponse: false,
      isClosing: false,
    };
    this.#connections.set(socket, connection);
    this.#silent.add(connection);
    socket.once('close', () => this.#forget(connection));
    if (this.#connections.size > MAX_CONNECTIONS) this.#evict();
  }

  #evict(): void {
    const isIdleFirst = this.#silent.size <= RESERVED_FOR_NEW && this.#idle.size > 0;
    const [oldest] = isIdleFirst ? this.#idle : this.#silent;
    if (oldest === undefined) return;
    this.#forget(oldest);
    oldest.socket.destroy();
    this.#onClosed('idle');
  }

  /** Closes a connection at its timeout, which is the keep-alive timeout, and no limit, without an open request. */
  #closeInactive(socket: Socket): void {
    const connection = this.#connections.get(socket);
    socket.destroy();
    if (connection !== undefined && connection.openRequests > 0) this.#onClosed('inactive');
  }

  #forget(connection: Connection): void {
    this.#connections.delete(connection.socket);
    this.#silent.delete(connection);
    this.#idle.delete(connection);
  }
}
