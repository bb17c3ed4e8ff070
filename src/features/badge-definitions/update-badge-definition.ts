import { AppError } from '../../errors.ts';
import { instantText } from '../../lib/instant.ts';
import type { RequestContext } from '../../request-context.ts';
import { findDefinitions, insertVersion, saveDefinition } from './badge-definitions.store.ts';
import type { Manager } from './create-badge-definition.ts';
import {
  type BadgeDefinition,
  changeDefinition,
  type DefinitionInput,
  definitionNotFound,
  readDefinitionChange,
} from './definition.ts';
import { requireValidBadges } from './require-valid-badges.ts';
import { writeDefinition } from './write-definition.ts';

interface DefinitionUpdate {
  key: string;
  change: DefinitionInput;
  /** The version to which the update applies; any version by default. */
  expectedVersion?: number | null | undefined;
}

/**
 * Updates a badge definition: a change of its content is a new version, and a change of its state alone is not. An
 * update that changes nothing leaves the definition as it is.
 * @throws BAD_USER_INPUT, NOT_FOUND, STALE_VERSION, CONFLICT for a state that does not follow or an archived definition
 */
export async function updateBadgeDefinition(
  context: RequestContext,
  _manager: Manager,
  { key, change, expectedVersion }: DefinitionUpdate,
): Promise<BadgeDefinition> {
  const fields = readDefinitionChange(change);
  const updatedAt = instantText(context.now());
  const { before, after } = await writeDefinition(context, async (tx) => {
    const [definition = null] = await findDefinitions(tx, [key]);
    if (definition === null) throw definitionNotFound();
    const { version } = definition;
    if (expectedVersion != null && expectedVersion !== version) {
      const message = `The badge definition has changed: its version is ${version}`;
      throw new AppError('STALE_VERSION', message, { field: 'expectedVersion' });
    }
    const changed = changeDefinition(definition, fields);
    if (changed === definition) return { before: definition, after: definition };
    await saveDefinition(tx, changed, updatedAt);
    if (changed.version !== version) {
      await insertVersion(tx, changed, updatedAt);
      await requireValidBadges(tx, changed);
    }
    return { before: definition, after: changed };
  });
  if (after !== before) context.countWrites('badge_definition_updated');
  return after;
}
