import type { RequestContext } from '../../request-context.ts';
import { isManager } from '../badge-definitions/view-badge-definition.ts';
import type { BadgeBackfill } from './backfill.ts';
import { backfillLoaders } from './backfills.loaders.ts';

/**
 * Returns a backfill by id; null when no backfill has the id. The result is also null unless the viewer has the scope
 * `badges:manage`.
 */
export async function viewBackfill(context: RequestContext, id: number): Promise<BadgeBackfill | null> {
  return isManager(context) ? backfillLoaders(context).byId.load(id) : null;
}
