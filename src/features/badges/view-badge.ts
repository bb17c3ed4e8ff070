import type { RequestContext } from '../../request-context.ts';
import type { Badge } from './badge.ts';
import { badgeLoaders } from './badges.loaders.ts';

/** Returns a badge by id, revoked or not; null when no badge has the id. */
export function viewBadge(context: RequestContext, id: number): Promise<Badge | null> {
  return badgeLoaders(context).byId.load(id);
}
