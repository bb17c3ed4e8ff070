import type { FastifyRequest } from 'fastify';
import type { AppError } from '../../errors.ts';
import { OVERLOADED } from '../load-shedding/overload-response.ts';

/** Returns the headers of an error response: `Retry-After`, and the challenge of RFC 6750, section 3. */
export function errorHeaders(error: AppError, request: FastifyRequest): Record<string, string> {
  const challenge = hasToken(request) ? 'Bearer error="invalid_token"' : 'Bearer';
  return {
    ...(error.retryAfterSeconds !== undefined && { 'retry-after': String(error.retryAfterSeconds) }),
    ...(error.status === 401 && { 'www-authenticate': challenge }),
  };
}

/** Logs bugs and failed dependencies with their cause, which the response does not contain. */
export function logServerError(error: AppError, { log }: FastifyRequest): void {
  if (error.status === 500) log.error({ err: error.cause }, 'request failed');
  if (error.status === 503 && error.message !== OVERLOADED)
    log.warn({ err: error.cause, code: error.code }, 'dependency failed');
}

function hasToken(request: FastifyRequest): boolean {
  return /^Bearer\b/i.test(request.headers.authorization ?? '');
}
