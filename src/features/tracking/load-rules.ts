import type { Db } from '../../db/client.ts';
import {
  type ActiveDefinitions,
  activeDefinitions,
  recentDefinitions,
} from '../badge-definitions/active-definitions.ts';
import { RuleIndex } from './rule-index.ts';

const indexes = new WeakMap<ActiveDefinitions, RuleIndex>();

/**
 * Returns the rules of the revision or, without one, the newest that this process has loaded.
 * @param tx the caller's transaction, if it has one
 */
export async function loadRules(
  pool: Db,
  { tx = pool, revision }: { tx?: Db; revision?: number } = {},
): Promise<RuleIndex> {
  const definitions =
    revision === undefined ? await recentDefinitions(pool, tx) : await activeDefinitions(pool, revision, tx);
  const index = indexes.get(definitions) ?? new RuleIndex(definitions);
  indexes.set(definitions, index);
  return index;
}
