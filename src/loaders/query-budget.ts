import { Semaphore } from 'async-mutex';
import type { Db } from '../db/client.ts';
import { ROW_BYTES } from '../db/query/prepared-query.ts';
import { AppError } from '../errors.ts';
import { memoizeByObject } from '../lib/memoize-by-object.ts';
import { perRequest, type RequestContext } from '../request-context.ts';

/** Queries of one operation: a list field needs one for each set of arguments, and each field of a mutation its own. */
const MAX_QUERIES = { query: 40, mutation: 100 } as const;
/**
 * Queries of one operation that run at the same time, of the ten connections that a pool has by default. A semaphore
 * lets two run, and a small operation has two more. While fewer than two run, a query of a small operation does not pay
 * for the semaphore.
 */
const PERMITS = 2;
const WITHOUT_SEMAPHORE = 2;
/**
 * Queries of all large operations that run at the same time. An operation that fails leaves its running queries behind,
 * whose results take memory although its response is complete.
 */
const MAX_CONCURRENT_LARGE = 4;
/** An operation for more rows is large: with the longest texts, these have 20 MB. */
const LARGE_ROWS = 2000;
/** Memory of the rows that one operation holds, estimated in bytes of Latin-1 text. */
const MAX_BYTES = 15_000_000;

/** The budget of an operation for the queries of its loaders, and for the rows that they load. */
export const queryBudget = perRequest((context) => new QueryBudget(context), 'budgets');

/** Returns the semaphore that the large operations on a pool share. */
const largeQueries = memoizeByObject((_pool: Db) => new Semaphore(MAX_CONCURRENT_LARGE));

class QueryBudget {
  readonly #context: RequestContext;
  readonly #isLarge: boolean;
  readonly #maxQueries: number;
  readonly #semaphore = new Semaphore(PERMITS);
  #started = 0;
  #running = 0;
  #bytes = 0;

  constructor(context: RequestContext) {
    this.#context = context;
    this.#isLarge = (context.demand?.rows ?? 0) > LARGE_ROWS;
    this.#maxQueries = MAX_QUERIES[context.operation?.type === 'mutation' ? 'mutation' : 'query'];
  }

  /**
   * Runs a query once fewer than the maximum of this operation run, unless nothing waits for its result any longer.
   * @param isLarge whether the query of a small operation shares the limit of the large ones, because it may read a
   * long history
   * @throws TOO_MUCH_DATA for a query over the limit, and for each query after a result over a limit
   */
  async run<Result>(query: () => Promise<Result>, isLarge = false): Promise<Result> {
    this.#started++;
    if (this.#started > this.#maxQueries) {
      throw new AppError('TOO_MUCH_DATA', `The operation needs more than ${this.#maxQueries} database queries`);
    }
    const run = () => this.#runNow(query);
    if (isLarge || this.#isLarge) {
      return this.#semaphore.runExclusive(() => largeQueries(this.#context.db).runExclusive(run));
    }
    return this.#running < WITHOUT_SEMAPHORE ? run() : this.#semaphore.runExclusive(run);
  }

  /**
   * Counts the rows of a result, if the operation is large.
   * @throws TOO_MUCH_DATA when the operation then holds more than its limit
   */
  spend(rows: readonly object[]): void {
    if (!this.#isLarge) return;
    for (const row of rows) {
      this.#bytes += ROW_BYTES;
      for (const value of Object.values(row)) this.#bytes += sizeOf(value);
    }
    this.#requireWithinLimit();
  }

  async #runNow<Result>(query: () => Promise<Result>): Promise<Result> {
    this.#requireWithinLimit();
    const { isAnswered = false, isClosed } = this.#context;
    if (isAnswered || isClosed()) throw new AppError('BAD_REQUEST', 'The request is already complete');
    this.#running++;
    try {
      return await query();
    } catch (error) {
      if (error instanceof AppError && error.code === 'TOO_MUCH_DATA') this.#bytes = Number.POSITIVE_INFINITY;
      throw error;
    } finally {
      this.#running--;
    }
  }

  #requireWithinLimit(): void {
    if (this.#bytes <= MAX_BYTES) return;
    const limit = `${MAX_BYTES / 1_000_000} MB`;
    throw new AppError('TOO_MUCH_DATA', `The operation loads more than ${limit}: ask for fewer rows`);
  }
}

/** Returns the length of a text, and of the JSON of an object such as a rule. */
function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  return typeof value === 'object' && value !== null ? JSON.stringify(value).length : 0;
}
