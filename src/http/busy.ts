import { randomUUID } from 'node:crypto';
import { JSON_TYPE } from '../lib/rest.ts';

export const BUSY = 'The service is busy';
const CODE = 'SERVICE_UNAVAILABLE';
const FOR_OPERATORS = /^\/(?:health\/(?:live|ready)|metrics)\/?(?:\?|$)/;

/** Whether the address is one that operators need most when the service is busy: no limit holds for it. */
export function isForOperators(url: string): boolean {
  return FOR_OPERATORS.test(url);
}

export function isForGraphql(url: string): boolean {
  return url.startsWith('/graphql');
}

export interface BusyAnswer {
  headers: Record<string, string | number>;
  body: string;
}

/** The 503 for a request that is one too many, in the shape that its address has errors in. */
export function busyAnswer(url: string, requestId: string = randomUUID()): BusyAnswer {
  const body = JSON.stringify(
    isForGraphql(url)
      ? { errors: [{ message: BUSY, extensions: { code: CODE } }] }
      : { detail: BUSY, code: CODE, request_id: requestId },
  );
  const headers = {
    'content-type': JSON_TYPE,
    'content-length': body.length,
    'retry-after': '1',
    'x-request-id': requestId,
  };
  return { headers, body };
}
