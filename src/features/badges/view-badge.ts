import type { RequestContext } from '../../request-context.ts';
import type { Badge } from './badge.ts';
import { badgeLoaders } from './badges.loaders.ts';

/** Returns a badge by id, revoked or not; null when no badge has the id. */
export function viewBadge(context: RequestContext, id: number): Promise<Badge | null> {
  return badgeLoaders(context).byId.load(id);
}

/** Replaces the badge in the request's loader after a change. */
export function cacheBadge(context: RequestContext, badge: Badge): void {
  badgeLoaders(context).byId.clear(badge.id).prime(badge.id, badge);
}
