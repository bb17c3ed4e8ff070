import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import type { FastifyBaseLogger } from 'fastify';
import { answerText } from '../lib/node-http.ts';
import { JSON_TYPE } from '../lib/rest.ts';

const DETAILS = {
  400: 'The request is not sound HTTP',
  408: 'The request took too long to arrive',
  431: 'The headers of the request are too large',
} as const;

/** Answers, and logs, what node:http gives up before there is a request, as every other refusal is. */
export function clientErrorHandler(logger: FastifyBaseLogger) {
  return (error: Error & { code?: string }, socket: Socket): void => {
    if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
    const requestId = randomUUID();
    const status = statusOf(error.code);
    const body = JSON.stringify({ detail: DETAILS[status], code: 'BAD_REQUEST', request_id: requestId });
    const headers = {
      'content-type': JSON_TYPE,
      'content-length': body.length,
      'x-request-id': requestId,
      connection: 'close',
    };
    socket.end(answerText(status, headers, body), () => socket.destroy());
    logger.info({ requestId, method: null, route: null, status }, 'request');
  };
}

function statusOf(code: string | undefined): keyof typeof DETAILS {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 408;
  return code === 'HPE_HEADER_OVERFLOW' ? 431 : 400;
}
