import type { FastifyRequest } from 'fastify';
import { type AppError, isFailure } from '../../errors.ts';

/** Errors that Fastify throws before a route's handler runs. */
export const FASTIFY_ERRORS: Readonly<Record<string, { code: string; detail: string }>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: { code: 'BODY_TOO_LARGE', detail: 'The request body is too large' },
  FST_ERR_CTP_EMPTY_JSON_BODY: { code: 'INVALID_JSON', detail: 'The request body is not valid JSON' },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    code: 'BAD_REQUEST',
    detail: 'The length of the request body differs from its Content-Length',
  },
  FST_ERR_CTP_INVALID_JSON_BODY: { code: 'INVALID_JSON', detail: 'The request body is not valid JSON' },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    code: 'UNSUPPORTED_MEDIA_TYPE',
    detail: 'The request body must be application/json',
  },
};

/** Returns the headers of an error response: `Retry-After`, and the challenge of RFC 6750, section 3. */
export function errorHeaders(error: AppError, request: FastifyRequest): Record<string, string> {
  return {
    ...(error.retryAfterSeconds !== undefined && { 'retry-after': String(error.retryAfterSeconds) }),
    ...(error.status === 401 && { 'www-authenticate': error.challenge ?? challenge(error, request) }),
  };
}

/** Logs bugs and failed dependencies with their cause, which the response does not contain. */
export function logServerError(error: AppError, { log }: FastifyRequest): void {
  if (!isFailure(error)) return;
  if (error.status === 500) log.error({ err: error.cause }, 'request failed');
  else log.warn({ err: error.cause, code: error.code }, 'dependency failed');
}

function challenge({ graphqlMessage }: AppError, { headers: { authorization = '' } }: FastifyRequest): string {
  if (authorization.trim() === '') return 'Bearer';
  if (/^Bearer\b/i.test(authorization)) return 'Bearer error="invalid_token"';
  return `Bearer error="invalid_request", error_description="${graphqlMessage}"`;
}
