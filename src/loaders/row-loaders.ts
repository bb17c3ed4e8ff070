import DataLoader from 'dataloader';
import type { Db } from '../db/client.ts';
import type { CountPerUser } from '../db/query/count-per-user.ts';
import type { ListPerUser } from '../db/query/list-per-user.ts';
import { type PageArgs, readPageArgs } from '../db/query/page-request.ts';
import { cacheBatchErrors } from '../lib/cache-batch-errors.ts';
import { memoizeByArgs } from '../lib/memoize-by-args.ts';
import { type Filter, type Page, type PageRequest, toPage, withLookahead } from '../lib/page.ts';
import type { RequestContext } from '../request-context.ts';
import { queryBudget } from './query-budget.ts';

/** Rows of a list field without `first`. */
const DEFAULT_LIST_SIZE = 100;
/** Rows of a connection field without `first`. */
const DEFAULT_PAGE_SIZE = 20;

/** Creates a DataLoader for one request: it batches the keys of a tick and caches results and errors. */
export function requestLoader<Key, Value>(
  load: (keys: readonly Key[]) => Promise<Value[]>,
  options: { maxBatchSize?: number; cacheKeyFn?: (key: Key) => unknown } = {},
): DataLoader<Key, Value, unknown> {
  return new DataLoader<Key, Value, unknown>(cacheBatchErrors(load), options);
}

/** Creates a loader of rows by id for one request. */
export function rowLoader<Row>(
  context: RequestContext,
  find: (db: Db, ids: readonly number[]) => Promise<(Row | null)[]>,
): DataLoader<number, Row | null> {
  const budget = queryBudget(context);
  return requestLoader((ids: readonly number[]) => budget.run(() => find(context.db, ids)));
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
  const { db } = context;
  const budget = queryBudget(context);
  const load = async (userIds: readonly string[], page: PageRequest): Promise<Row[][]> => {
    const lists = await budget.run(() => list(db, userIds, page));
    for (const rows of lists) budget.spend(rows);
    return lists;
  };
  return {
    list: memoizeByArgs((args: Args) => {
      const page = { ...readPageArgs(args, DEFAULT_LIST_SIZE), filter: filterOf?.(args) };
      return requestLoader((userIds: readonly string[]) => load(userIds, page));
    }),

    page: memoizeByArgs((args: Args) => {
      const page = { ...readPageArgs(args, DEFAULT_PAGE_SIZE), filter: filterOf?.(args) };
      return requestLoader(async (userIds: readonly string[]): Promise<Page<Row>[]> => {
        const lists = await load(userIds, withLookahead(page));
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
  const { db } = context;
  const budget = queryBudget(context);
  return {
    ...pageLoaders(context, queries),
    count: memoizeByArgs((filter: Filter | undefined) =>
      requestLoader((userIds: readonly string[]) => budget.run(() => count(db, userIds, filter))),
    ),
  };
}
