import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { AppError } from '../../errors.ts';
import { rejectAfter } from '../../lib/pause.ts';

interface Health {
  /** False from the start of shutdown. */
  isServing(): boolean;
  /** Rejects unless the database responds and is migrated; the message of an AppError is the reason. */
  pingDatabase(): Promise<unknown>;
  logger: FastifyBaseLogger;
}

/** Returns the reason why routers should send no requests; undefined if they should. */
export type Readiness = () => Promise<string | undefined>;

/** Time limit of a ping. */
const PING_TIMEOUT_MS = 1000;
/** Requests within this time share the result of one ping, so that probes cost the database little. */
const PING_TTL_MS = 250;

/** Adds liveness (the process responds) and readiness (routers should send requests). */
export function addHealthRoutes(http: FastifyInstance, readiness: Readiness): void {
  http.get('/health/live', { schema: { hide: true } }, async () => ({ status: 'ok' }));
  http.get('/health/ready', { schema: { hide: true } }, async (_request, reply) => {
    const problem = await readiness();
    if (problem === undefined) return { status: 'ok' };
    return reply.code(503).header('retry-after', '1').send({ status: problem });
  });
}

/** Creates the readiness check of a process. It logs each change of the result, and not each request. */
export function createReadiness({ isServing, pingDatabase, logger }: Health): Readiness {
  const timeout = () => rejectAfter(PING_TIMEOUT_MS, `no response within ${PING_TIMEOUT_MS} ms`);
  const ping = shared(() => Promise.race([pingDatabase(), timeout()]));
  let logged: string | undefined;

  function log(problem: string | undefined, cause?: unknown): string | undefined {
    if (problem !== logged) {
      if (problem === undefined) logger.info('ready');
      else logger.warn({ err: cause }, problem);
      logged = problem;
    }
    return problem;
  }

  return async () => {
    if (!isServing()) return log('shutting down');
    return ping().then(
      () => log(undefined),
      (cause) => log(cause instanceof AppError ? cause.message : 'the database does not respond', cause),
    );
  };
}

/** Returns a function whose calls share one result until it is 250 ms old. */
function shared(call: () => Promise<unknown>): () => Promise<unknown> {
  let result: Promise<unknown> | undefined;
  return () => {
    if (result === undefined) {
      result = call();
      const forget = () => void setTimeout(() => (result = undefined), PING_TTL_MS).unref();
      result.then(forget, forget);
    }
    return result;
  };
}
