import DataLoader from 'dataloader';
import { cacheBatchErrors } from '../lib/cache-batch-errors.ts';
import { memoizeByArgs } from '../lib/memoize-by-args.ts';
import { type Filter, type Page, toPage, withLookahead } from '../lib/page.ts';
import type { Db } from './client.ts';
import type { CountPerUser } from './query/count-per-user.ts';
import type { ListPerUser } from './query/list-per-user.ts';
import { type PageArgs, readPageArgs } from './query/page-request.ts';

/** Rows of a list field without `first`. */
const DEFAULT_LIST_SIZE = 100;
/** Rows of a connection field without `first`. */
const DEFAULT_PAGE_SIZE = 20;

/** Creates a DataLoader for one request: it batches the keys of a tick and caches results and errors. */
export function requestLoader<Key, Value>(
  load: (keys: readonly Key[]) => Promise<Value[]>,
  options: { maxBatchSize?: number } = {},
): DataLoader<Key, Value> {
  return new DataLoader<Key, Value>(cacheBatchErrors(load), options);
}

interface ListQueries<Row, Args extends PageArgs> {
  db: Db;
  list: ListPerUser<Row>;
  count: CountPerUser;
  /** The filter that a field's arguments ask for. */
  filterOf?: (args: Args) => Filter;
}

/** Creates the loaders of one list for one request: one loader, and so one query, for each set of arguments. */
export function listLoaders<Row, Args extends PageArgs = PageArgs>(queries: ListQueries<Row, Args>) {
  const { db, list, count, filterOf } = queries;
  return {
    list: memoizeByArgs((args: Args) => {
      const page = { ...readPageArgs(args, DEFAULT_LIST_SIZE), filter: filterOf?.(args) };
      return requestLoader((userIds: readonly string[]) => list(db, userIds, page));
    }),

    page: memoizeByArgs((args: Args) => {
      const page = { ...readPageArgs(args, DEFAULT_PAGE_SIZE), filter: filterOf?.(args) };
      return requestLoader(async (userIds: readonly string[]): Promise<Page<Row>[]> => {
        const lists = await list(db, userIds, withLookahead(page));
        return userIds.map((userId, index) => toPage(userId, lists[index] ?? [], page));
      });
    }),

    count: memoizeByArgs((filter: Filter | undefined) =>
      requestLoader((userIds: readonly string[]) => count(db, userIds, filter)),
    ),
  };
}
