import { AppError } from '../errors.ts';
import { perRequest } from '../request-context.ts';

/** Queries of one operation: a list field needs one for each set of arguments. */
const MAX_QUERIES = 20;
/** Queries of one operation that run at the same time, of the ten connections that a pool has by default. */
const MAX_CONCURRENT = { small: 4, large: 2 } as const;
/** An operation for more rows is large: with the longest texts, these have 20 MB. */
const LARGE_ROWS = 2000;
/** Characters of the rows that one operation holds. */
const MAX_CHARACTERS = 20_000_000;
/** Characters that stand for a value that is no text. */
const OTHER_VALUE = 8;

/** The budget of an operation for the queries of its loaders, and for the rows that they load. */
export const queryBudget = perRequest(({ demand }) => new QueryBudget((demand?.rows ?? 0) > LARGE_ROWS));

export class QueryBudget {
  readonly #isLarge: boolean;
  readonly #waiting: (() => void)[] = [];
  #started = 0;
  #running = 0;
  #characters = 0;

  constructor(isLarge: boolean) {
    this.#isLarge = isLarge;
  }

  /**
   * Runs a query once fewer than the maximum of this operation run.
   * @throws TOO_MUCH_DATA for a query over the limit
   */
  async run<Result>(query: () => Promise<Result>): Promise<Result> {
    this.#started++;
    if (this.#started > MAX_QUERIES) {
      throw new AppError('TOO_MUCH_DATA', `The operation needs more than ${MAX_QUERIES} database queries`);
    }
    if (this.#running === (this.#isLarge ? MAX_CONCURRENT.large : MAX_CONCURRENT.small)) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else this.#running++;
    try {
      return await query();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }

  /**
   * Counts the rows of a result, if the operation is large.
   * @throws TOO_MUCH_DATA when the operation then holds more than its limit
   */
  spend(rows: readonly object[]): void {
    if (!this.#isLarge) return;
    for (const row of rows) {
      for (const name in row) {
        const value = (row as Record<string, unknown>)[name];
        this.#characters += typeof value === 'string' ? value.length : OTHER_VALUE;
      }
    }
    if (this.#characters > MAX_CHARACTERS) {
      throw new AppError('TOO_MUCH_DATA', 'The operation loads more than 20 MB: ask for fewer rows');
    }
  }
}
