import type { IncomingMessage } from 'node:http';
import { hasBody } from './read-body.ts';

const PATHS: readonly string[] = ['/health/live', '/health/ready'];

/** Returns whether no limit applies to a request: a GET or HEAD of exactly these paths, without a body. */
export function isHealthCheck(request: IncomingMessage): boolean {
  return (
    PATHS.includes(request.url ?? '') && (request.method === 'GET' || request.method === 'HEAD') && !hasBody(request)
  );
}
