import type { ApolloServerPlugin } from '@apollo/server';
import { Semaphore } from 'async-mutex';
import { AppError } from '../errors.ts';
import type { Demand, RequestContext } from '../request-context.ts';

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

/**
 * Limits the concurrency of large operations, such as `_entities` of many users, with a weighted semaphore. An operation
 * holds its rows until its response is complete: with all large operations at once, these rows survive young collections,
 * so that memory and CPU grow while throughput does not (docs/decisions).
 */
export function operationConcurrency(): ApolloServerPlugin<RequestContext> {
  const semaphore = new Semaphore(MAX_CONCURRENT_WEIGHT);
  return {
    requestDidStart: async () => {
      let release: (() => void) | undefined;
      return {
        didResolveOperation: async ({ contextValue }) => {
          const weight = weightOf(contextValue.demand);
          if (weight <= SMALL_WEIGHT) return;
          [, release] = await semaphore.acquire(weight, weight <= MEDIUM_WEIGHT ? 1 : 0);
          if (contextValue.isClosed()) throw new AppError('BAD_REQUEST', 'The client has closed the connection');
        },
        willSendResponse: async () => release?.(),
      };
    },
  };
}

function weightOf(demand: Demand | undefined): number {
  if (demand === undefined) return 0;
  return Math.min(Math.max(demand.rows, Math.ceil(demand.fields / FIELDS_PER_ROW)), MAX_WEIGHT);
}
