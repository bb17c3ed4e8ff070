import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import type { FastifyBaseLogger } from 'fastify';
import { nodeHttp } from '../../lib/node-http.ts';
import { JSON_TYPE } from '../rest/schemas.ts';

const DETAILS = {
  400: 'The request is not valid HTTP',
  408: 'The request took too long to arrive',
  431: 'The request headers are too large',
} as const;

/** Returns the handler that answers and logs what node:http rejects before there is a request. */
export function clientErrorHandler(logger: FastifyBaseLogger) {
  return (error: Error & { code?: string }, socket: Socket): void => {
    if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
    const requestId = randomUUID();
    const status = statusOf(error.code);
    const body = JSON.stringify({ detail: DETAILS[status], code: 'BAD_REQUEST', request_id: requestId });
    const head = [
      `HTTP/1.1 ${status} ${nodeHttp.STATUS_CODES[status]}`,
      `content-type: ${JSON_TYPE}`,
      `content-length: ${body.length}`,
      `x-request-id: ${requestId}`,
      'connection: close',
    ].join('\r\n');
    socket.end(`${head}\r\n\r\n${body}`, () => socket.destroy());
    logger.info({ requestId, method: null, route: null, status }, 'request');
  };
}

function statusOf(code: string | undefined): keyof typeof DETAILS {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 408;
  return code === 'HPE_HEADER_OVERFLOW' ? 431 : 400;
}
