import type { FastifyInstance } from 'fastify';

export interface Health {
  /** Whether the service is not on its way out. */
  isServing(): boolean;
  /** Resolves when the database answers and has our tables; rejects otherwise. */
  pingDatabase(): Promise<unknown>;
}

const PATIENCE_MS = 1000;

/** Liveness says that the process is alive and nothing else; readiness that it should be sent requests. */
export function addHealthRoutes(http: FastifyInstance, health: Health): void {
  http.get('/health/live', { schema: { hide: true } }, async () => ({ status: 'ok' }));
  http.get('/health/ready', { schema: { hide: true } }, async (request, reply) => {
    const problem = await findProblem(health);
    if (problem === undefined) return { status: 'ok' };
    request.log.warn({ err: problem.cause }, problem.status);
    return reply.code(503).header('retry-after', '1').send({ status: problem.status });
  });
}

async function findProblem(health: Health): Promise<{ status: string; cause?: unknown } | undefined> {
  if (!health.isServing()) return { status: 'stopping' };
  try {
    await Promise.race([health.pingDatabase(), rejectAfter(PATIENCE_MS)]);
    return undefined;
  } catch (cause) {
    return { status: 'the database does not answer', cause };
  }
}

function rejectAfter(ms: number): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms).unref();
  });
}
