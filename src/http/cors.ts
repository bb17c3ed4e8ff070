import cors from '@fastify/cors';
import type { FastifyInstance } from 'fastify';

/** Two hours, the longest time for which Chromium caches the response to a preflight. */
const MAX_AGE_SECONDS = 7200;
/** Response headers that clients need, besides those that browsers always show. */
const EXPOSED_HEADERS = [
  'ETag',
  'Idempotent-Replayed',
  'Link',
  'Location',
  'RateLimit-Limit',
  'RateLimit-Remaining',
  'RateLimit-Reset',
  'Retry-After',
  'Warning',
  'WWW-Authenticate',
  'x-request-id',
];

/**
 * Allows pages of these origins to call all routes ([CORS](https://fetch.spec.whatwg.org/#http-cors-protocol)), without
 * credentials: the service reads no cookies. Preflights are answered before tokens and secrets are read, and other
 * origins get no CORS header. Call it before routes are added.
 */
export async function addCors(http: FastifyInstance, origins: ReadonlySet<string>): Promise<void> {
  await http.register(cors, {
    // NOTE: with the list itself, the plugin would answer every OPTIONS, also those without an Origin
    origin: (origin, callback) => callback(null, origin !== undefined && origins.has(origin) ? origin : false),
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'],
    exposedHeaders: EXPOSED_HEADERS,
    maxAge: MAX_AGE_SECONDS,
    strictPreflight: false,
  });
}
