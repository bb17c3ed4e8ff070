import type { Db } from '../../db/client.ts';
import { invalidField } from '../../errors.ts';
import { badgeKeysByDefinition, findDefinitions } from './badge-definitions.store.ts';
import { type BadgeDefinition, isCyclic } from './definition.ts';
import { badgeKeysOf } from './rule.ts';

/**
 * Checks the `badge` conditions of a definition that the transaction has saved. The lock of the definitions is held, so
 * no other write can close a cycle meanwhile.
 * @throws BAD_USER_INPUT when one names no definition, or when the definition asks for its own badge
 */
export async function requireValidBadges(tx: Db, { key, rule }: BadgeDefinition): Promise<void> {
  const asked = rule === null ? [] : [...badgeKeysOf(rule)];
  if (asked.length === 0) return;
  const missing = asked[(await findDefinitions(tx, asked)).indexOf(null)];
  if (missing !== undefined) {
    throw invalidField('rule', `rule names the badge definition ${missing}, which does not exist`);
  }
  if (isCyclic(key, await badgeKeysByDefinition(tx))) {
    throw invalidField('rule', 'rule asks for the badge of its own definition, directly or through other definitions');
  }
}
