import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyBaseLogger } from 'fastify';
import { restErrorBody } from '../../errors.ts';
import { nodeHttp } from '../../lib/node-http.ts';
import { JSON_TYPE } from '../rest/schemas.ts';
import { SECURITY_HEADERS } from '../security-headers.ts';

const DETAILS = {
  400: 'The request is not valid HTTP',
  408: 'The request took too long to arrive',
  431: 'The request headers are too large',
} as const;

/** Lines for each second. Further errors of the second share one line. */
const MAX_LINES_PER_SECOND = 20;

interface Connections {
  /** Returns whether an error may be written to the socket. */
  allowsErrorResponse(socket: Socket): boolean;
  /** Notes that an error is written to the socket, in place of the response to its current request. */
  noteErrorResponse(socket: Socket): void;
  /** Closes a connection after the responses to its complete requests. */
  closeAfterResponses(socket: Socket): void;
}

interface RequestLine {
  requestId: string;
  method: null;
  route: null;
  status: number;
}

/** Returns the handler that answers and logs what node:http rejects before there is a request. */
export function clientErrorHandler(logger: FastifyBaseLogger, connections: Connections) {
  const log = limitLines(logger);
  return (error: Error & { code?: string }, socket: Socket): void => {
    if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
    if (!connections.allowsErrorResponse(socket)) return void connections.closeAfterResponses(socket);
    connections.noteErrorResponse(socket);
    const requestId = randomUUID();
    const status = statusOf(error.code);
    const { headers, body } = responseOf(status, requestId);
    const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const line = `HTTP/1.1 ${status} ${nodeHttp.STATUS_CODES[status]}\r\n`;
    socket.end(`${line}${head.join('')}\r\n${body}`, () => socket.destroy());
    log({ requestId, method: null, route: null, status });
  };
}

/** Rejects a request by the lines of its headers, without a look at them. */
export function sendHeadersTooLarge(response: ServerResponse): void {
  const { headers, body } = responseOf(431, randomUUID());
  response.writeHead(431, headers).end(body);
}

function responseOf(status: keyof typeof DETAILS, requestId: string) {
  const body = JSON.stringify(restErrorBody({ detail: DETAILS[status], code: 'BAD_REQUEST' }, requestId));
  const headers = {
    ...SECURITY_HEADERS,
    'content-type': JSON_TYPE,
    'content-length': body.length,
    'x-request-id': requestId,
    connection: 'close',
  };
  return { headers, body };
}

/** Returns a function that logs a line, or counts it when the second has too many. */
function limitLines(logger: FastifyBaseLogger): (line: RequestLine) => void {
  let lines = 0;
  let suppressed: Record<number, number> = {};
  const endSecond = () => {
    if (lines > MAX_LINES_PER_SECOND) logger.info({ suppressed }, 'requests that are not valid HTTP, by status');
    lines = 0;
    suppressed = {};
  };
  return (line) => {
    if (lines === 0) setTimeout(endSecond, 1000).unref();
    lines++;
    if (lines <= MAX_LINES_PER_SECOND) logger.info(line, 'request');
    else suppressed[line.status] = (suppressed[line.status] ?? 0) + 1;
  };
}

function statusOf(code: string | undefined): keyof typeof DETAILS {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 408;
  return code === 'HPE_HEADER_OVERFLOW' ? 431 : 400;
}
