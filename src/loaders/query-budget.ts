import { AppError } from '../errors.ts';
import { perRequest, type RequestContext } from '../request-context.ts';

/** Queries of one operation: a list field needs one for each set of arguments. */
const MAX_QUERIES = 20;
/** Queries of one operation that run at the same time, of the ten connections that a pool has by default. */
const MAX_CONCURRENT = { small: 4, large: 2 } as const;
/** An operation for more rows is large: with the longest texts, these have 20 MB. */
const LARGE_ROWS = 2000;
/** The rows of an operation for more texts are counted: with the longest texts, its response has 20 MB. */
const LARGE_TEXTS = 2500;
/** Memory of the rows that one operation holds, estimated in bytes of Latin-1 text. */
const MAX_BYTES = 15_000_000;
/** Bytes of a row without its texts. */
const ROW_BYTES = 150;

/** The budget of an operation for the queries of its loaders, and for the rows that they load. */
export const queryBudget = perRequest((context) => new QueryBudget(context));

type Request = Pick<RequestContext, 'demand' | 'isClosed' | 'longestText'>;

export class QueryBudget {
  readonly #request: Request;
  readonly #isLarge: boolean;
  readonly #countsRows: boolean;
  readonly #waiting: (() => void)[] = [];
  #started = 0;
  #running = 0;
  #bytes = 0;

  constructor(request: Request) {
    this.#request = request;
    this.#isLarge = (request.demand?.rows ?? 0) > LARGE_ROWS;
    this.#countsRows = this.#isLarge || (request.demand?.texts ?? 0) > LARGE_TEXTS;
  }

  /**
   * Runs a query once fewer than the maximum of this operation run.
   * @throws TOO_MUCH_DATA for a query over the limit, and for each query after a result over a limit
   */
  async run<Result>(query: () => Promise<Result>): Promise<Result> {
    this.#started++;
    if (this.#started > MAX_QUERIES) {
      throw new AppError('TOO_MUCH_DATA', `The operation needs more than ${MAX_QUERIES} database queries`);
    }
    await this.#acquire();
    try {
      this.#requireWithinLimit();
      if (this.#request.isClosed()) throw new AppError('BAD_REQUEST', 'The client has closed the connection');
      return await query();
    } catch (error) {
      if (error instanceof AppError && error.code === 'TOO_MUCH_DATA') this.#bytes = Number.POSITIVE_INFINITY;
      throw error;
    } finally {
      this.#release();
    }
  }

  /**
   * Counts the rows of a result and finds their longest text, if the operation is large.
   * @throws TOO_MUCH_DATA when the operation then holds more than its limit
   */
  spend(rows: readonly object[]): void {
    if (!this.#countsRows) return;
    for (const row of rows) this.#countRow(row as Record<string, unknown>);
    this.#requireWithinLimit();
  }

  #countRow(row: Record<string, unknown>): void {
    this.#bytes += ROW_BYTES;
    for (const name in row) {
      const value = row[name];
      if (typeof value !== 'string') continue;
      this.#bytes += value.length;
      this.#request.longestText = Math.max(this.#request.longestText ?? 0, value.length);
    }
  }

  #requireWithinLimit(): void {
    if (this.#bytes <= MAX_BYTES) return;
    const limit = `${MAX_BYTES / 1_000_000} MB`;
    throw new AppError('TOO_MUCH_DATA', `The operation loads more than ${limit}: ask for fewer rows`);
  }

  async #acquire(): Promise<void> {
    if (this.#running === (this.#isLarge ? MAX_CONCURRENT.large : MAX_CONCURRENT.small)) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else this.#running++;
  }

  #release(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#running--;
    else next();
  }
}
