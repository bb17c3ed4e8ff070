import type { FastifyRequest } from 'fastify';
import { type AppError, type ErrorCode, isFailure, warningOf } from '../../errors.ts';

/** Errors that Fastify throws before a route's handler runs. */
export const FASTIFY_ERRORS: Readonly<Record<string, { code: ErrorCode; detail: string }>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: { code: 'BODY_TOO_LARGE', detail: 'The request body is too large' },
  FST_ERR_CTP_EMPTY_JSON_BODY: { code: 'INVALID_JSON', detail: 'The request body is not valid JSON' },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    code: 'BAD_REQUEST',
    detail: 'The length of the request body differs from its Content-Length',
  },
  FST_ERR_CTP_INVALID_JSON_BODY: { code: 'INVALID_JSON', detail: 'The request body is not valid JSON' },
  FST_ERR_MAX_PARAM_LENGTH: { code: 'BAD_REQUEST', detail: 'A segment of the path is too long' },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    code: 'UNSUPPORTED_MEDIA_TYPE',
    detail: 'The request body must be application/json in UTF-8, without Content-Encoding',
  },
};

/** Returns the headers of an error response: `Retry-After`, and the challenge of RFC 6750, section 3. */
export function errorHeaders(error: AppError, request: FastifyRequest): Record<string, string> {
  return {
    ...(error.retryAfterSeconds !== undefined && { 'retry-after': String(error.retryAfterSeconds) }),
    ...(error.status === 401 && { 'www-authenticate': error.challenge ?? challenge(error, request) }),
  };
}

/** Notes the limit that rejects the request, and logs failures with their cause, which the response does not have. */
export function noteError(error: AppError, request: FastifyRequest): void {
  request.rejection = error.rejection;
  if (!isFailure(error)) return;
  const { log, routeOptions } = request;
  const fields = { err: error.cause, route: routeOptions.url };
  if (error.status === 500) log.error(fields, 'request failed');
  else log.warn({ ...fields, code: error.code }, warningOf(error));
}

function challenge({ graphqlMessage }: AppError, { headers: { authorization = '' } }: FastifyRequest): string {
  if (authorization.trim() === '') return 'Bearer';
  if (/^Bearer\b/i.test(authorization)) return 'Bearer error="invalid_token"';
  return `Bearer error="invalid_request", error_description="${graphqlMessage}"`;
}
