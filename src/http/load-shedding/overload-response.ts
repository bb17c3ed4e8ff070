import type { IncomingMessage, ServerResponse } from 'node:http';
import { graphqlErrorBody, overloadedError, restErrorBody } from '../../errors.ts';
import { requestId } from '../request-id.ts';
import { JSON_TYPE } from '../rest/schemas.ts';
import { SECURITY_HEADERS } from '../security-headers.ts';

const { status, code, message } = overloadedError();

/**
 * Answers a rejected request with 503, in the error format of its API.
 * @param allowedOrigins the origins whose pages may read the response; undefined without CORS
 */
export function sendOverloadResponse(
  { url = '', headers }: IncomingMessage,
  response: ServerResponse,
  allowedOrigins: ReadonlySet<string> | undefined,
): void {
  const id = requestId(headers);
  const body = JSON.stringify(
    url.startsWith('/graphql') ? graphqlErrorBody({ message, code }, id) : restErrorBody({ detail: message, code }, id),
  );
  response
    .writeHead(status, {
      ...SECURITY_HEADERS,
      ...(allowedOrigins && corsHeaders(headers.origin, allowedOrigins)),
      'content-type': JSON_TYPE,
      'content-length': body.length,
      'retry-after': '1',
      'x-request-id': id,
    })
    .end(body);
}

function corsHeaders(origin: string | undefined, allowed: ReadonlySet<string>): Record<string, string> {
  if (origin === undefined || !allowed.has(origin)) return { vary: 'Origin' };
  return {
    vary: 'Origin',
    'access-control-allow-origin': origin,
    'access-control-expose-headers': 'Retry-After, x-request-id',
  };
}
