import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { InFlightRequest } from './in-flight.ts';

/** Memory of a request and its response without their bodies. */
export const EXCHANGE_BYTES = 8 * 1024;

/** A client's connection. */
export interface Connection {
  readonly socket: Socket;
  /** Requests whose head has arrived and whose response is not complete. */
  openRequests: number;
  /** The request that is handled; undefined between two requests, so that an idle connection keeps none in memory. */
  current: Exchange | undefined;
  /** Pipelined requests that wait for the responses before theirs. */
  readonly pipelined: Exchange[];
  /** Whether the latest response was complete before its request, whose body is still incomplete. */
  hasEarlyResponse: boolean;
  /** Whether it closes after the responses to its complete requests. */
  isClosing: boolean;
}

/** A request and its response. */
export interface Exchange extends InFlightRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly connection: Connection;
  /** Whether the end of its body was over the limit. */
  isRejected: boolean;
  /** Whether an error was written to the socket, in place of its response. */
  hasErrorResponse: boolean;
  /** Bytes that the exchange has added to those of the pipelined requests that wait; 0 unless it is one of them. */
  waitingBytes: number;
  /** Bytes that the exchange has added to the unread ones. */
  unreadBytes: number;
}

/**
 * The property of a response that is its exchange. In a map, these short-lived objects would make garbage collection
 * slower (docs/decisions/0015).
 */
const EXCHANGE = Symbol('exchange');

type Tracked = ServerResponse & { [EXCHANGE]?: Exchange | undefined };

/** Returns the exchange of a response; undefined before its creation and after its removal. */
export function exchangeOf(response: ServerResponse): Exchange | undefined {
  return (response as Tracked)[EXCHANGE];
}

/** Creates the exchange of a request whose head has arrived. */
export function createExchange(request: IncomingMessage, response: ServerResponse, connection: Connection): Exchange {
  const inFlight = { isInFlight: false, startedAt: undefined, bodyBytes: 0, waits: 0, waitingSince: 0 };
  const exchange: Exchange = {
    request,
    response,
    connection,
    ...inFlight,
    isRejected: false,
    hasErrorResponse: false,
    waitingBytes: 0,
    unreadBytes: 0,
  };
  (response as Tracked)[EXCHANGE] = exchange;
  return exchange;
}

export function removeExchange(response: ServerResponse): void {
  (response as Tracked)[EXCHANGE] = undefined;
}
