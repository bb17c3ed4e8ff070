import type { IncomingMessage } from 'node:http';

const PATHS: readonly string[] = ['/health/live', '/health/ready'];

/** Returns whether no limit applies to a request: a GET or HEAD of exactly these paths, without a body. */
export function isHealthCheck(request: IncomingMessage): boolean {
  return (
    PATHS.includes(request.url ?? '') && (request.method === 'GET' || request.method === 'HEAD') && !hasBody(request)
  );
}

/** Returns whether a body follows the head of a request. */
export function hasBody({ headers }: IncomingMessage): boolean {
  const { 'content-length': length, 'transfer-encoding': encoding } = headers;
  return encoding !== undefined || (length !== undefined && length !== '0');
}
