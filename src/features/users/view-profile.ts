import { requireViewer } from '../../auth/viewer.ts';
import type { AuthUser, OwnAuthUser } from '../../auth-service/auth-service.ts';
import { AppError } from '../../errors.ts';
import type { PaginatedList } from '../../lib/page.ts';
import type { RequestContext } from '../../request-context.ts';
import { type Badge, levelFor } from '../badges/badge.ts';
import { badgeList } from '../badges/list-badges.ts';
import type { Goal } from '../goals/goal.ts';
import { goalList } from '../goals/list-goals.ts';

export interface Profile<User extends AuthUser = AuthUser> {
  user: User;
  badges: Badge[];
  goals: Goal[];
  level: number;
}

/**
 * Returns a user's public profile.
 * @throws NOT_FOUND when the auth-service says that the user does not exist, AUTH_SERVICE_UNAVAILABLE
 */
export function viewProfile(context: RequestContext, userId: string): Promise<Profile> {
  const user = context.authService.usersByIds([userId]).then((users) => users.get(userId) ?? null);
  return buildProfile(context, userId, user);
}

/**
 * Returns the viewer's own profile, private fields included.
 * @throws UNAUTHENTICATED, NOT_FOUND, AUTH_SERVICE_UNAVAILABLE
 */
export async function viewOwnProfile(context: RequestContext): Promise<Profile<OwnAuthUser>> {
  const viewer = requireViewer(context.viewer);
  return buildProfile(context, viewer.id, context.authService.ownUser(viewer));
}

async function buildProfile<User extends AuthUser>(
  { db }: RequestContext,
  userId: string,
  pendingUser: Promise<User | null>,
): Promise<Profile<User>> {
  const [user, badges, goals] = await Promise.all([
    pendingUser,
    collect(badgeList.all(db, userId)),
    collect(goalList.all(db, userId)),
  ]);
  if (user === null) throw new AppError('NOT_FOUND', 'User not found');
  return { user, badges, goals, level: levelFor(badges.length) };
}

async function collect<Row>(list: Promise<PaginatedList<Row>>): Promise<Row[]> {
  const { firstPage, nextPages } = await list;
  return nextPages === undefined ? firstPage : [firstPage, ...(await Array.fromAsync(nextPages))].flat();
}
