import { requireViewer } from '../../auth/viewer.ts';
import type { AuthUser, OwnAuthUser } from '../../auth-service/auth-service.ts';
import { AppError } from '../../errors.ts';
import { requireBuffer } from '../../lib/large-response.ts';
import { MAX_PAGE_SIZE, type PaginatedList } from '../../lib/page.ts';
import type { RequestContext } from '../../request-context.ts';
import { type Badge, levelFor } from '../badges/badge.ts';
import { badgeList, countBadges } from '../badges/list-badges.ts';
import type { Goal } from '../goals/goal.ts';
import { countGoals, goalList } from '../goals/list-goals.ts';
import { withStreakCountsOfPage } from '../goals/with-streak-counts.ts';
import type { StreakValue } from '../streaks/streak.ts';
import { viewStreak } from '../streaks/view-streak.ts';

export interface Profile<User extends AuthUser = AuthUser> {
  user: User;
  badges: Badge[];
  goals: Goal[];
  level: number;
  streak: StreakValue;
  /** Releases the buffer space of a large profile: to be called when its response is written. */
  release: (() => void) | undefined;
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
  const withStreakCounts = (page: Goal[]) => withStreakCountsOfPage(context, page);
  const [user, badges, goals, streak] = await Promise.all([
    pendingUser,
    badgeList.all(db, userId),
    goalList.all(db, userId).then((list) => withFirstPage(list, withStreakCounts)),
    viewStreak(context, userId),
  ]);
  if (user === null) throw new AppError('NOT_FOUND', 'User not found');
  const release = await reserveProfile(context, userId, { badges, goals });
  try {
    const [allBadges, allGoals] = await Promise.all([collect(badges), collect(goals, withStreakCounts)]);
    return { user, badges: allBadges, goals: allGoals, level: levelFor(allBadges.length), streak, release };
  } catch (error) {
    release?.();
    throw error;
  }
}

interface Lists {
  badges: PaginatedList<Badge>;
  goals: PaginatedList<Goal>;
}

/**
 * Waits for the buffer space of a profile of several pages, since awards can give a user any number of badges.
 * @throws SERVICE_UNAVAILABLE
 */
async function reserveProfile(
  context: RequestContext,
  userId: string,
  { badges, goals }: Lists,
): Promise<(() => void) | undefined> {
  if (badges.nextPages === undefined && goals.nextPages === undefined) return undefined;
  const [badgeCount, goalCount] = await Promise.all([countBadges(context, userId), countGoals(context, userId)]);
  if (Math.max(badgeCount, goalCount) <= MAX_PAGE_SIZE) return undefined;
  const bytes = estimateBytes(badges.firstPage, badgeCount) + estimateBytes(goals.firstPage, goalCount);
  return requireBuffer(context, bytes);
}

/** Returns the bytes of all rows, if they are as large as those of the first page. */
function estimateBytes(firstPage: readonly object[], count: number): number {
  return Buffer.byteLength(JSON.stringify(firstPage)) * Math.ceil(count / MAX_PAGE_SIZE);
}

async function withFirstPage<Row>(
  { firstPage, ...list }: PaginatedList<Row>,
  addValues: (page: Row[]) => Promise<Row[]>,
): Promise<PaginatedList<Row>> {
  return { ...list, firstPage: await addValues(firstPage) };
}

/** Returns the first page and the further ones, to which it adds values. */
async function collect<Row>(
  { firstPage, nextPages }: PaginatedList<Row>,
  addValues: (page: Row[]) => Promise<Row[]> | Row[] = (page) => page,
): Promise<Row[]> {
  const pages = [firstPage];
  for await (const page of nextPages ?? []) pages.push(await addValues(page));
  return pages.flat();
}
