import type { IncomingMessage, ServerResponse } from 'node:http';
import { requestId } from '../request-id.ts';
import { JSON_TYPE } from '../rest/schemas.ts';
import { SECURITY_HEADERS } from '../security-headers.ts';

export const OVERLOADED = 'The service is overloaded';
const CODE = 'SERVICE_UNAVAILABLE';

/** Answers a rejected request with 503, in the error format of its API. */
export function sendOverloadResponse({ url = '', headers }: IncomingMessage, response: ServerResponse): void {
  const id = requestId(headers);
  const body = JSON.stringify(
    url.startsWith('/graphql')
      ? { errors: [{ message: OVERLOADED, extensions: { code: CODE } }] }
      : { detail: OVERLOADED, code: CODE, request_id: id },
  );
  response
    .writeHead(503, {
      ...SECURITY_HEADERS,
      'content-type': JSON_TYPE,
      'content-length': body.length,
      'retry-after': '1',
      'x-request-id': id,
    })
    .end(body);
}
