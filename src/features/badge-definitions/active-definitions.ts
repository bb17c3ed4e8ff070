import type { Db } from '../../db/client.ts';
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
  loading?: Promise<ActiveDefinitions> | undefined;
}

/** One cache for each pool. */
const caches = new WeakMap<Db, Cache>();

/**
 * Returns the active definitions as of the revision or later: from memory, or else with one query, which concurrent calls
 * share. A transaction that has read the revision with `readRevision` thereby sees each change that was committed before.
 * @param tx the caller's transaction, which has changed no definition. A query through the pool could wait for a connection
 * that the callers hold
 */
export async function activeDefinitions(pool: Db, revision: number, tx: Db = pool): Promise<ActiveDefinitions> {
  const cache = cacheOf(pool);
  // NOTE: not "at least": after a failover that has lost changes, the revision is lower, and the memory is wrong
  if (cache.current?.revision === revision) return cache.current;
  while (cache.loading !== undefined) {
    const loaded = await cache.loading.catch(() => undefined);
    if (loaded !== undefined && loaded.revision >= revision) return loaded;
  }
  return load(cache, tx);
}

async function load(cache: Cache, tx: Db): Promise<ActiveDefinitions> {
  try {
    cache.loading = findActive(tx).then(({ revision, definitions }) => indexed(revision, definitions));
    cache.current = await cache.loading;
    return cache.current;
  } finally {
    cache.loading = undefined;
  }
}

function indexed(revision: number, definitions: readonly BadgeDefinition[]): ActiveDefinitions {
  const ruled = definitions.filter(hasRule);
  return { revision, byKey: new Map(definitions.map((each) => [each.key, each])), ruled };
}

/** Returns the definitions in memory, which another replica may have changed since, or else those of the database. */
export async function recentDefinitions(pool: Db, tx: Db = pool): Promise<ActiveDefinitions> {
  const cache = cacheOf(pool);
  return cache.current ?? cache.loading ?? load(cache, tx);
}

function cacheOf(pool: Db): Cache {
  const cache = caches.get(pool) ?? {};
  caches.set(pool, cache);
  return cache;
}
