import { requireViewer } from '../auth/viewer.ts';
import { type Badge, levelFor } from '../badges/badge.ts';
import { allBadges } from '../badges/list-badges.ts';
import { AppError } from '../errors.ts';
import type { Goal } from '../goals/goal.ts';
import { allGoals } from '../goals/list-goals.ts';
import type { WholeList } from '../lib/page.ts';
import type { Scope } from '../scope.ts';
import type { AuthUser, OwnAuthUser } from './user.ts';

export interface Profile<User extends AuthUser = AuthUser> {
  user: User;
  badges: Badge[];
  goals: Goal[];
  level: number;
}

/**
 * Anybody's public profile.
 * @throws NOT_FOUND when the auth-service says that nobody has the id, AUTH_SERVICE_UNAVAILABLE
 */
export function viewProfile(scope: Scope, userId: string): Promise<Profile> {
  const asked = scope.users.usersByIds([userId]).then((found) => found.get(userId) ?? null);
  return gatherProfile(scope, userId, asked);
}

/**
 * The caller's own profile, with what only they may see.
 * @throws UNAUTHENTICATED, NOT_FOUND, AUTH_SERVICE_UNAVAILABLE
 */
export async function viewOwnProfile(scope: Scope): Promise<Profile<OwnAuthUser>> {
  const viewer = requireViewer(scope.viewer);
  return gatherProfile(scope, viewer.id, scope.users.ownUser(viewer));
}

async function gatherProfile<User extends AuthUser>(
  scope: Scope,
  userId: string,
  asked: Promise<User | null>,
): Promise<Profile<User>> {
  const [user, badges, goals] = await Promise.all([
    asked,
    collect(allBadges(scope, userId)),
    collect(allGoals(scope, userId)),
  ]);
  if (user === null) throw new AppError('NOT_FOUND', 'User not found');
  return { user, badges, goals, level: levelFor(badges.length) };
}

async function collect<Row>(list: Promise<WholeList<Row>>): Promise<Row[]> {
  const { first, rest } = await list;
  return rest === undefined ? first : [first, ...(await Array.fromAsync(rest))].flat();
}
