import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { AppError } from '../../errors.ts';

export interface Health {
  /** False from the start of shutdown. */
  isServing(): boolean;
  /** Rejects unless the database responds and is migrated; the message of an AppError is the reason. */
  pingDatabase(): Promise<unknown>;
}

/** Time limit of the readiness check. */
const PING_TIMEOUT_MS = 1000;

/**
 * Adds liveness (the process responds) and readiness (routers should send requests). The returned `logReadiness` logs the
 * reason when the process is not ready, so that the log tells what a new replica waits for.
 */
export function addHealthRoutes(http: FastifyInstance, health: Health) {
  http.get('/health/live', { schema: { hide: true } }, async () => ({ status: 'ok' }));
  http.get('/health/ready', { schema: { hide: true } }, async (request, reply) => {
    const problem = await findProblem(health);
    if (problem === undefined) return { status: 'ok' };
    request.log.warn({ err: problem.cause }, problem.status);
    return reply.code(503).header('retry-after', '1').send({ status: problem.status });
  });
  return {
    async logReadiness(log: FastifyBaseLogger): Promise<void> {
      const problem = await findProblem(health);
      if (problem !== undefined) log.warn({ err: problem.cause }, problem.status);
    },
  };
}

async function findProblem(health: Health): Promise<{ status: string; cause?: unknown } | undefined> {
  if (!health.isServing()) return { status: 'shutting down' };
  try {
    await Promise.race([health.pingDatabase(), rejectAfter(PING_TIMEOUT_MS)]);
    return undefined;
  } catch (cause) {
    return { status: cause instanceof AppError ? cause.message : 'the database does not respond', cause };
  }
}

function rejectAfter(ms: number): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error(`no response within ${ms} ms`)), ms).unref();
  });
}
