import type { Db } from '../../db/client.ts';
import { memoizeByObject } from '../../lib/memoize-by-object.ts';
import {
  type ActiveDefinitions,
  activeDefinitions,
  recentDefinitions,
} from '../badge-definitions/active-definitions.ts';
import { RuleIndex } from './rule-index.ts';

const indexOf = memoizeByObject((definitions: ActiveDefinitions) => new RuleIndex(definitions));

/**
 * Returns the rules of the revision or, without one, the newest that this process has loaded.
 * @param tx the caller's transaction, if it has one
 */
export async function activeRules(
  pool: Db,
  { tx = pool, revision }: { tx?: Db; revision?: number } = {},
): Promise<RuleIndex> {
  const definitions =
    revision === undefined ? await recentDefinitions(pool, tx) : await activeDefinitions(pool, revision, tx);
  return indexOf(definitions);
}
