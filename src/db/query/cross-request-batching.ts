import DataLoader from 'dataloader';
import { LRUCache } from 'lru-cache';
import { publishQueryJoin, runSharedQuery } from '../../lib/channels.ts';
import { memoizeByObject } from '../../lib/memoize-by-object.ts';
import type { Db } from '../client.ts';
import { is, PgTransaction } from '../driver/drizzle.ts';
import { ResultTooLargeError } from './prepared-query.ts';

/** Returns the result for each key, in the order of the keys, with one query. */
export type BatchQuery<Key, Result> = (db: Db, keys: readonly Key[], values: QueryValues) => Promise<Result[]>;
/** The values of a query's placeholders, its keys aside. */
export type QueryValues = Readonly<Record<string, unknown>>;

/**
 * Maximum requests in one query. They all wait for the whole result, and the cost of the query itself is negligible
 * among this many.
 */
const MAX_REQUESTS_PER_QUERY = 24;
/**
 * Requests for more keys run a query of their own. A shared query holds the rows of all its requests until the last of
 * them is decoded; with many rows they survive young collections.
 */
const MAX_SHARED_KEYS = 2;
/** Loaders kept for different values. A query with the values of an evicted one starts a new loader. */
const MAX_LOADERS = 100;

/**
 * Lets concurrent requests share queries. Those that run it with the same values in one iteration of the event loop get
 * one query for all their keys. No request waits for others to arrive, so an idle service sends at once.
 *
 * Suits reads whose result does not depend on the viewer and which fail as a whole, since an error rejects every
 * request of the batch. Queries in a transaction are never shared.
 */
export function batchAcrossRequests<Key, Result>(query: BatchQuery<Key, Result>) {
  const loadersOf = memoizeByObject(
    (_pool: Db) => new LRUCache<string, DataLoader<readonly Key[], Result[]>>({ max: MAX_LOADERS }),
  );

  const loaderFor = (db: Db, values: QueryValues) => {
    const loaders = loadersOf(db);
    const name = JSON.stringify(values);
    const known = loaders.get(name);
    if (known !== undefined) return known;
    const loader = createLoader((keys: readonly Key[]) => query(db, keys, values));
    loaders.set(name, loader);
    return loader;
  };
  return (db: Db, keys: readonly Key[], values: QueryValues = {}): Promise<Result[]> => {
    const isShared = keys.length <= MAX_SHARED_KEYS && !is(db, PgTransaction);
    if (!isShared) return query(db, keys, values);
    publishQueryJoin(keys);
    return loaderFor(db, values).load(keys);
  };
}

/** Creates a loader whose keys are the key lists of requests. A request whose own result is too large fails alone. */
function createLoader<Key, Result>(query: (keys: readonly Key[]) => Promise<Result[]>) {
  return new DataLoader<readonly Key[], Result[]>(
    async (requests) => {
      try {
        return splitByRequest(await runSharedQuery(requests, () => query(requests.flat())), requests);
      } catch (error) {
        if (!(error instanceof ResultTooLargeError) || requests.length === 1) throw error;
        return Promise.all(requests.map((keys) => query(keys).catch((failure: Error) => failure)));
      }
    },
    { cache: false, maxBatchSize: MAX_REQUESTS_PER_QUERY, batchScheduleFn: setImmediate },
  );
}

function splitByRequest<Key, Result>(results: Result[], requests: readonly (readonly Key[])[]): Result[][] {
  let end = 0;
  return requests.map(({ length }) => {
    const start = end;
    end += length;
    return results.slice(start, end);
  });
}
