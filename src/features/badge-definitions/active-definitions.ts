import type { Db } from '../../db/client.ts';
import { memoizeByObject } from '../../lib/memoize-by-object.ts';
import { findActive } from './badge-definitions.store.ts';
import type { BadgeDefinition } from './definition.ts';
import type { Rule } from './rule.ts';

export type RuledDefinition = BadgeDefinition & { rule: Rule };

export function hasRule(definition: BadgeDefinition): definition is RuledDefinition {
  return definition.rule !== null;
}

/** The active definitions of one revision. The limit of definitions bounds its memory to a few MB. */
export interface ActiveDefinitions {
  revision: number;
  /** In the order of the keys. */
  byKey: ReadonlyMap<string, BadgeDefinition>;
  /** The definitions with a rule, in the order of the keys. */
  ruled: readonly RuledDefinition[];
}

interface Cache {
  current?: ActiveDefinitions;
  /**
   * The queries in progress. A transaction shares none of the pool, which could wait for a connection that transactions
   * hold.
   */
  readonly loading: Map<QueryUser, Promise<ActiveDefinitions>>;
}

/** The callers that share a query. */
type QueryUser = 'pool' | 'transactions';

const userOf = (pool: Db, tx: Db): QueryUser => (tx === pool ? 'pool' : 'transactions');

const cacheOf = memoizeByObject((_pool: Db): Cache => ({ loading: new Map() }));

/**
 * Returns the active definitions as of the revision or later: from memory, or else with one query, which concurrent
 * calls share. A transaction that has read the revision with `findRevision` thereby sees each change that was committed
 * before.
 * @param tx the caller's transaction, which has changed no definition
 */
export async function activeDefinitions(pool: Db, revision: number, tx: Db = pool): Promise<ActiveDefinitions> {
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
export async function recentDefinitions(pool: Db, tx: Db = pool): Promise<ActiveDefinitions> {
  return cacheOf(pool).current ?? load(pool, tx);
}

function load(pool: Db, tx: Db): Promise<ActiveDefinitions> {
  const cache = cacheOf(pool);
  const user = userOf(pool, tx);
  const query = cache.loading.get(user) ?? findIndexed(tx).finally(() => cache.loading.delete(user));
  cache.loading.set(user, query);
  return query.then((loaded) => {
    cache.current = loaded;
    return loaded;
  });
}

async function findIndexed(db: Db): Promise<ActiveDefinitions> {
  const { revision, definitions } = await findActive(db);
  return { revision, byKey: new Map(definitions.map((each) => [each.key, each])), ruled: definitions.filter(hasRule) };
}
