import type { RequestContext } from '../../request-context.ts';
import type { Badge } from './badge.ts';
import { badgeLoaders } from './badges.loaders.ts';

/** Returns a badge by id, revoked or not; null when no badge has the id. */
export function viewBadge(context: RequestContext, id: number): Promise<Badge | null> {
  return badgeLoaders(context).byId.load(id);
}

/** Returns a badge of a user as lists have it: null when it is revoked, of another user, or does not exist. */
export async function viewUserBadge(context: RequestContext, userId: string, id: number): Promise<Badge | null> {
  const badge = await viewBadge(context, id);
  return badge?.userId === userId && badge.status === 'active' ? badge : null;
}

/** Replaces the badge in the request's loader after a change. */
export function cacheBadge(context: RequestContext, badge: Badge): void {
  badgeLoaders(context).byId.clear(badge.id).prime(badge.id, badge);
}
