import type { FastifyRequest } from 'fastify';
import type { AppError } from '../errors.ts';

/** The headers that go with a refusal: when to try again, and how to authenticate (RFC 6750, 3). */
export function refusalHeaders(error: AppError, request: FastifyRequest): Record<string, string> {
  const challenge = hasToken(request) ? 'Bearer error="invalid_token"' : 'Bearer';
  return {
    ...(error.retryAfterSeconds !== undefined && { 'retry-after': String(error.retryAfterSeconds) }),
    ...(error.status === 401 && { 'www-authenticate': challenge }),
  };
}

/** Bugs and failed dependencies leave a line with their cause, which whoever asked does not see. */
export function logFailure(error: AppError, { log }: FastifyRequest): void {
  if (error.status === 500) log.error({ err: error.cause }, 'a request failed');
  if (error.status === 503) log.warn({ err: error.cause, code: error.code }, 'a dependency failed');
}

function hasToken(request: FastifyRequest): boolean {
  return /^Bearer\b/i.test(request.headers.authorization ?? '');
}
