import { setImmediate } from 'node:timers/promises';
import { HeaderMap } from '@apollo/server';
import { GraphQLError } from 'graphql';
import { AppError, overloadedError } from '../errors.ts';
import type { ExcludeWait } from '../lib/exclude-wait.ts';
import { isAcquireTimeout, type Permit, WeightedSemaphore } from '../lib/weighted-semaphore.ts';
import type { Demand, RequestContext } from '../request-context.ts';

/** Weight of all large operations that execute concurrently: enough to keep the connection pool and the thread busy. */
const MAX_CONCURRENT_WEIGHT = 4000;
/** Weight of the largest operations, so that two of them execute concurrently. */
const MAX_WEIGHT = MAX_CONCURRENT_WEIGHT / 2;
/**
 * Weight of the suspended operations, which wait for the auth-service or for changes of a user. It bounds the rows that
 * they hold.
 */
const MAX_SUSPENDED_WEIGHT = 10 * MAX_CONCURRENT_WEIGHT;
/** Operations up to this weight do not wait: a page of a few lists of one user. */
const SMALL_WEIGHT = 100;
/** Operations up to this weight acquire the semaphore before larger ones that have not waited for long. */
const MEDIUM_WEIGHT = 1000;
const HEAD_START_MS = 500;
/** Fields that take about as much memory and CPU time as a row. */
const FIELDS_PER_ROW = 50;
/** Maximum wait for the semaphore, below the time limit of a handler. */
const MAX_WAIT_MS = 2000;

/**
 * Limits the concurrency of large operations, such as `_entities` of many users, with a weighted semaphore. An
 * operation holds its rows until its response exists. With all large operations at once, these rows survive young
 * collections. Memory and CPU time then grow while throughput does not (docs/decisions/0018).
 */
export class OperationConcurrency {
  readonly #semaphore = new WeightedSemaphore({
    capacity: MAX_CONCURRENT_WEIGHT,
    maxSuspended: MAX_SUSPENDED_WEIGHT,
    maxWaitMs: MAX_WAIT_MS,
  });
  readonly #permits = new WeakMap<RequestContext, Permit>();
  readonly #onRejected: () => void;

  /** @param onRejected called for each rejection */
  constructor(onRejected: () => void) {
    this.#onRejected = onRejected;
  }

  /**
   * Waits until an operation may execute, by the context's `demand`.
   * @throws SERVICE_UNAVAILABLE when that takes too long, and BAD_REQUEST when the client has closed the connection
   */
  async start(context: RequestContext): Promise<void> {
    const weight = weightOf(context.demand);
    if (weight <= SMALL_WEIGHT) return;
    const permit = await this.#acquire(weight);
    // NOTE: an operation without a query would follow the one before it in the same iteration of the event loop
    await setImmediate();
    if (context.isClosed()) {
      permit.release();
      throw new AppError('BAD_REQUEST', 'The client has closed the connection');
    }
    this.#permits.set(context, permit);
    this.#suspendDuringWaits(context, permit);
  }

  /** Ends an operation whose response exists. */
  end(context: RequestContext): void {
    this.#permits.get(context)?.release();
  }

  /**
   * Suspends the permit while the operation waits for the auth-service, or for earlier changes of a user: meanwhile
   * other operations execute.
   */
  #suspendDuringWaits(context: RequestContext, permit: Permit): void {
    const { excludeWait, authService } = context;
    let waits = 0;
    const whileSuspended: ExcludeWait = async (wait) => {
      if (waits === 0 && !permit.suspend()) this.#reject(overloadedError());
      waits++;
      try {
        return await wait();
      } finally {
        waits--;
        if (waits === 0) permit.resume();
      }
    };
    context.excludeWait = (wait) => excludeWait(() => whileSuspended(wait));
    context.authService = {
      usersByIds: (ids) => whileSuspended(() => authService.usersByIds(ids)),
      ownUser: (viewer) => whileSuspended(() => authService.ownUser(viewer)),
    };
  }

  async #acquire(weight: number): Promise<Permit> {
    const headStartMs = weight <= MEDIUM_WEIGHT ? HEAD_START_MS : 0;
    try {
      return await this.#semaphore.acquire(weight, headStartMs);
    } catch (error) {
      if (!isAcquireTimeout(error)) throw error;
      // NOTE: an error for each operation, because the request id is written into it when it is logged
      return this.#reject(overloaded());
    }
  }

  #reject(error: unknown): never {
    this.#onRejected();
    throw error;
  }
}

function weightOf(demand: Demand | undefined): number {
  if (demand === undefined) return 0;
  const { rows, loaded, fields } = demand;
  return Math.min(Math.max(rows, loaded, Math.ceil(fields / FIELDS_PER_ROW)), MAX_WEIGHT);
}

function overloaded(): GraphQLError {
  const error = overloadedError();
  const headers = new HeaderMap([['retry-after', String(error.retryAfterSeconds)]]);
  // NOTE: the type is Apollo Server's; that of graphql-yoga, which is global, has no HeaderMap
  const extensions: Record<string, unknown> = { http: { status: error.status, headers } };
  return new GraphQLError(error.message, { originalError: error, extensions });
}
