import type { Authorized } from '../../auth/scopes.ts';
import { AppError } from '../../errors.ts';
import { instantText } from '../../lib/instant.ts';
import type { RequestContext } from '../../request-context.ts';
import { countUnarchived, insertDefinition, insertVersion } from './badge-definitions.store.ts';
import { type BadgeDefinition, type NewDefinitionInput, readNewDefinition } from './definition.ts';
import { requireValidBadges } from './require-valid-badges.ts';
import { writeDefinition } from './write-definition.ts';

/** The proof that the viewer manages definitions. */
export type Manager = Authorized<'badges:manage'>;

/** Maximum definitions that are not archived: each replica holds the active ones in memory. */
const MAX_DEFINITIONS = 500;

/**
 * Creates a badge definition.
 * @throws BAD_USER_INPUT, CONFLICT when the key is taken, LIMIT_REACHED (exact under concurrency)
 */
export async function createBadgeDefinition(
  context: RequestContext,
  _manager: Manager,
  input: NewDefinitionInput,
): Promise<BadgeDefinition> {
  const definition = readNewDefinition(input);
  const createdAt = instantText(context.now());
  await writeDefinition(context, async (tx) => {
    if (!(await insertDefinition(tx, definition, createdAt))) {
      throw new AppError('CONFLICT', `The badge definition ${definition.key} already exists`, { field: 'key' });
    }
    if ((await countUnarchived(tx)) > MAX_DEFINITIONS) {
      throw new AppError(
        'LIMIT_REACHED',
        `Maximum number of badge definitions (${MAX_DEFINITIONS}) reached: archive one first`,
      );
    }
    await insertVersion(tx, definition, createdAt);
    await requireValidBadges(tx, definition);
    return { before: null, after: definition };
  });
  context.countWrites('badge_definition_created');
  return definition;
}
