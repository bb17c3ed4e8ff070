import DataLoader from 'dataloader';
import type { Db } from '../db/client.ts';
import type { CountPerUser } from '../db/query/count-per-user.ts';
import type { ListPerUser } from '../db/query/list-per-user.ts';
import { type PageArgs, readPageArgs } from '../db/query/page-request.ts';
import { memoizeByArgs } from '../lib/memoize-by-args.ts';
import { DEFAULT_LIST_SIZE, type Filter, type Page, type PageRequest, toPage, withLookahead } from '../lib/page.ts';
import type { RequestContext } from '../request-context.ts';
import { queryBudget } from './query-budget.ts';

/** Rows of a connection field without `first`. */
const DEFAULT_PAGE_SIZE = 20;

interface LoaderOptions<Key> {
  maxBatchSize?: number;
  cacheKeyFn?: (key: Key) => unknown;
}

/** Creates a DataLoader for one request: it batches the keys of a tick and caches results and errors. */
export function requestLoader<Key, Value>(
  load: (keys: readonly Key[]) => Promise<Value[]>,
  options: LoaderOptions<Key> = {},
): DataLoader<Key, Value, unknown> {
  return new DataLoader<Key, Value, unknown>(cacheBatchErrors(load), options);
}

/**
 * Wraps a DataLoader batch function so that its error is returned for each key. DataLoader caches returned errors but
 * not rejected batches, so a field that is resolved twice in a request does not load twice.
 */
function cacheBatchErrors<Key, Value>(
  load: (keys: readonly Key[]) => Promise<Value[]>,
): (keys: readonly Key[]) => Promise<(Value | Error)[]> {
  return async (keys) => {
    try {
      return await load(keys);
    } catch (error) {
      const failure = error instanceof Error ? error : new Error('batch failed', { cause: error });
      return keys.map(() => failure);
    }
  };
}

/** Creates a loader for one request, whose queries run within the budget of its operation. */
export function queryLoader<Key, Value>(
  context: RequestContext,
  find: (db: Db, keys: readonly Key[]) => Promise<Value[]>,
  options: LoaderOptions<Key> = {},
): DataLoader<Key, Value, unknown> {
  const budget = queryBudget(context);
  return requestLoader((keys) => budget.run(() => find(context.db, keys)), options);
}

interface PageQueries<Row, Args extends PageArgs> {
  list: ListPerUser<Row>;
  /** The filter that a field's arguments ask for. */
  filterOf?: (args: Args) => Filter | undefined;
}

/** Creates the loaders of one list for one request: one loader, and so one query, for each set of arguments. */
export function pageLoaders<Row extends object, Args extends PageArgs = PageArgs>(
  context: RequestContext,
  { list, filterOf }: PageQueries<Row, Args>,
) {
  const budget = queryBudget(context);
  const load = async (db: Db, userIds: readonly string[], page: PageRequest): Promise<Row[][]> => {
    const lists = await list(db, userIds, page);
    for (const rows of lists) budget.spend(rows);
    return lists;
  };
  return {
    list: memoizeByArgs((args: Args) => {
      const page = { ...readPageArgs(args, DEFAULT_LIST_SIZE), filter: filterOf?.(args) };
      return queryLoader(context, (db, userIds: readonly string[]) => load(db, userIds, page));
    }),

    page: memoizeByArgs((args: Args) => {
      const page = { ...readPageArgs(args, DEFAULT_PAGE_SIZE), filter: filterOf?.(args) };
      return queryLoader(context, async (db, userIds: readonly string[]): Promise<Page<Row>[]> => {
        const lists = await load(db, userIds, withLookahead(page));
        return userIds.map((userId, index) => toPage(userId, lists[index] ?? [], page));
      });
    }),
  };
}

/** Creates the loaders of one list and of its number of rows for one request. */
export function listLoaders<Row extends object, Args extends PageArgs = PageArgs>(
  context: RequestContext,
  { count, ...queries }: PageQueries<Row, Args> & { count: CountPerUser },
) {
  return {
    ...pageLoaders(context, queries),
    count: memoizeByArgs((filter: Filter | undefined) =>
      queryLoader(context, (db, userIds: readonly string[]) => count(db, userIds, filter)),
    ),
  };
}
