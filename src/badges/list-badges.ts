import { type PageArgs, readWindow, type Window } from '../db/keyset.ts';
import { MAX_PAGE, type Page, pageAfterPage, toPage, type WholeList } from '../lib/page.ts';
import type { Scope } from '../scope.ts';
import { type Badge, badgePosition } from './badge.ts';
import { listBadgesByUsers } from './badges.store.ts';

/**
 * One page of a person's badges, newest first; empty for a person nobody has heard of.
 * @throws BAD_USER_INPUT
 */
export async function listBadges(scope: Scope, userId: string, args: PageArgs): Promise<Page<Badge>> {
  const window = readWindow(args, MAX_PAGE);
  return toPage(userId, await listWindow(scope, userId, { ...window, limit: window.limit + 1 }), window);
}

/** All of a person's badges but the first `offset`, newest first, some hundreds at a time. */
export function allBadges(scope: Scope, userId: string, offset = 0): Promise<WholeList<Badge>> {
  const fetch = (window: Window) => listWindow(scope, userId, window);
  return pageAfterPage({ size: MAX_PAGE, offset, positionOf: badgePosition, fetch });
}

async function listWindow(scope: Scope, userId: string, window: Window): Promise<Badge[]> {
  const [list = []] = await listBadgesByUsers(scope.db, [userId], window);
  return list;
}
