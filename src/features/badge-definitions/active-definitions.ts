import type { Db } from '../../db/client.ts';
import { memoizeByObject } from '../../lib/memoize-by-object.ts';
import { findActive } from './badge-definitions.store.ts';
import { RuleIndex } from './rule-index.ts';

interface Cache {
  current?: RuleIndex;
  /**
   * The queries in progress. A transaction does not share those of the pool, which could wait for a connection that
   * transactions hold.
   */
  readonly loading: Map<QueryUser, Promise<RuleIndex>>;
}

/** The callers that share a query. */
type QueryUser = 'pool' | 'transactions';

const userOf = (pool: Db, tx: Db): QueryUser => (tx === pool ? 'pool' : 'transactions');

const cacheOf = memoizeByObject((_pool: Db): Cache => ({ loading: new Map() }));

/**
 * Returns the active definitions as of the revision or later: from memory, or else with one query, which concurrent
 * calls share. A transaction that has read the revision thereby sees each change that was committed before.
 * @param tx the caller's transaction, which has changed no definition
 */
export async function activeDefinitions(pool: Db, revision: number, tx: Db = pool): Promise<RuleIndex> {
  const { current, loading } = cacheOf(pool);
  // NOTE: not "at least": after a failover that has lost changes, the revision is lower, and the memory is wrong
  if (current?.revision === revision) return current;
  const user = userOf(pool, tx);
  // A query in progress may have begun before the revision.
  for (let query = loading.get(user); query !== undefined; query = loading.get(user)) {
    const loaded = await query.catch(() => undefined);
    if (loaded !== undefined && loaded.revision >= revision) return loaded;
  }
  return load(pool, tx);
}

/** Returns the definitions in memory, which another replica may have changed since, or else those of the database. */
export async function recentDefinitions(pool: Db, tx: Db = pool): Promise<RuleIndex> {
  return cacheOf(pool).current ?? load(pool, tx);
}

function load(pool: Db, tx: Db): Promise<RuleIndex> {
  const cache = cacheOf(pool);
  const user = userOf(pool, tx);
  const query = cache.loading.get(user) ?? findIndexed(tx).finally(() => cache.loading.delete(user));
  cache.loading.set(user, query);
  return query.then((loaded) => {
    cache.current = loaded;
    return loaded;
  });
}

async function findIndexed(db: Db): Promise<RuleIndex> {
  const { revision, definitions } = await findActive(db);
  return new RuleIndex(revision, definitions);
}
