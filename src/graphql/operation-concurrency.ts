import { setImmediate } from 'node:timers/promises';
import { type ApolloServerPlugin, type GraphQLRequestContextWillSendResponse, HeaderMap } from '@apollo/server';
import { GraphQLError } from 'graphql';
import { AppError, overloadedError } from '../errors.ts';
import { weightedSemaphore } from '../lib/weighted-semaphore.ts';
import type { Demand, RequestContext } from '../request-context.ts';
import { endOperation, type ObserveOperation } from './observe-operations.ts';
import { responseLimit } from './response-limit.ts';

type Request = GraphQLRequestContextWillSendResponse<RequestContext>;

/** Weight of all large operations that execute concurrently: enough to keep the connection pool and the thread busy. */
const MAX_CONCURRENT_WEIGHT = 4000;
/** Weight of the largest operations, so that two of them execute concurrently. */
const MAX_WEIGHT = MAX_CONCURRENT_WEIGHT / 2;
/** Operations up to this weight do not wait: a page of a few lists of one user. */
const SMALL_WEIGHT = 100;
/** Operations up to this weight acquire the semaphore before larger ones that wait. */
const MEDIUM_WEIGHT = 1000;
/** Fields that take about as much memory and CPU time as a row. */
const FIELDS_PER_ROW = 50;
/** Maximum wait for the semaphore, below the time limit of a handler. */
const MAX_WAIT_MS = 2000;

interface OperationConcurrencyOptions {
  /** Called with each operation at its end. */
  observe: ObserveOperation;
  /** Called with the reason for each rejection, for metrics. */
  onRejected: (reason: 'operations') => void;
  /** Called with each response in its final form. */
  finish?: ((request: Request) => void) | undefined;
}

/**
 * Limits the concurrency of large operations, such as `_entities` of many users, with a weighted semaphore, and the size
 * of all responses. An operation holds its rows until its response is complete: with all large operations at once, these rows
 * survive young collections, so that memory and CPU grow while throughput does not (docs/decisions/0018).
 */
export function operationConcurrency({
  observe,
  onRejected,
  finish,
}: OperationConcurrencyOptions): ApolloServerPlugin<RequestContext> {
  const limitResponse = responseLimit();
  const acquire = weightedSemaphore({
    capacity: MAX_CONCURRENT_WEIGHT,
    maxWaitMs: MAX_WAIT_MS,
    timeoutError: overloaded(),
  });
  return {
    requestDidStart: async () => {
      let release: (() => void) | undefined;
      return {
        didResolveOperation: async ({ contextValue }) => {
          const weight = weightOf(contextValue.demand);
          if (weight <= SMALL_WEIGHT) return;
          release = await acquire(weight, weight <= MEDIUM_WEIGHT ? 1 : 0).catch((error: unknown) => {
            onRejected('operations');
            throw error;
          });
          // NOTE: an operation without a query would follow the one before it in the same iteration of the event loop
          await setImmediate();
          if (contextValue.isClosed()) throw new AppError('BAD_REQUEST', 'The client has closed the connection');
        },
        willSendResponse: async (request) => {
          const { contextValue, response } = request;
          contextValue.isAnswered = true;
          // A response that waits for room does not keep other operations waiting.
          release?.();
          await limitResponse(request);
          finish?.(request);
          endOperation(contextValue, response, observe);
        },
      };
    },
  };
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
