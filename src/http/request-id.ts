import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

const REQUEST_ID = /^[\w.-]{1,128}$/;

/** Returns the client's `x-request-id` if it is valid, and otherwise a new one. */
export function requestId({ 'x-request-id': sent }: IncomingHttpHeaders): string {
  return typeof sent === 'string' && REQUEST_ID.test(sent) ? sent : randomUUID();
}
