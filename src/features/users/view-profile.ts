import { requireViewer } from '../../auth/viewer.ts';
import type { AuthUser, OwnAuthUser } from '../../auth-service/auth-service.ts';
import { AppError } from '../../errors.ts';
import type { PaginatedList } from '../../lib/page.ts';
import type { RequestContext } from '../../request-context.ts';
import { type Badge, levelFor } from '../badges/badge.ts';
import { badgeList } from '../badges/list-badges.ts';
import type { Goal } from '../goals/goal.ts';
import { goalList } from '../goals/list-goals.ts';
import { withStreakCountsOfPage } from '../goals/with-streak-counts.ts';
import type { StreakValue } from '../streaks/streak.ts';
import { viewStreak } from '../streaks/view-streak.ts';

export interface Profile<User extends AuthUser = AuthUser> {
  user: User;
  badges: Badge[];
  goals: Goal[];
  level: number;
  streak: StreakValue;
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
  context: RequestContext,
  userId: string,
  pendingUser: Promise<User | null>,
): Promise<Profile<User>> {
  const { db } = context;
  const [user, badges, goals, streak] = await Promise.all([
    pendingUser,
    collect(badgeList.all(db, userId)),
    collect(goalList.all(db, userId), (page) => withStreakCountsOfPage(context, page)),
    viewStreak(context, userId),
  ]);
  if (user === null) throw new AppError('NOT_FOUND', 'User not found');
  return { user, badges, goals, level: levelFor(badges.length), streak };
}

async function collect<Row>(
  list: Promise<PaginatedList<Row>>,
  addValues: (page: Row[]) => Promise<Row[]> | Row[] = (page) => page,
): Promise<Row[]> {
  const { firstPage, nextPages } = await list;
  const pages = [await addValues(firstPage)];
  for await (const page of nextPages ?? []) pages.push(await addValues(page));
  return pages.flat();
}
