import { randomUUID } from 'node:crypto';
import { JSON_TYPE } from '../rest/schemas.ts';

export const OVERLOADED = 'The service is overloaded';
const CODE = 'SERVICE_UNAVAILABLE';
const OPERATIONS_PATH = /^\/(?:health\/(?:live|ready)|metrics)\/?(?:\?|$)/;

/** Returns whether the path serves operators, who need it most under overload: no limit applies to it. */
export function isOperationsPath(url: string): boolean {
  return OPERATIONS_PATH.test(url);
}

export interface OverloadResponse {
  headers: Record<string, string | number>;
  body: string;
}

/** Returns the 503 for a rejected request, in the error format of its API. */
export function overloadResponse(url: string): OverloadResponse {
  const requestId = randomUUID();
  const body = JSON.stringify(
    url.startsWith('/graphql')
      ? { errors: [{ message: OVERLOADED, extensions: { code: CODE } }] }
      : { detail: OVERLOADED, code: CODE, request_id: requestId },
  );
  const headers = {
    'content-type': JSON_TYPE,
    'content-length': body.length,
    'retry-after': '1',
    'x-request-id': requestId,
  };
  return { headers, body };
}
