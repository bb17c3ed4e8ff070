import { type PageArgs, readWindow, type Window } from '../db/keyset.ts';
import { MAX_PAGE, type Page, pageAfterPage, toPage, type WholeList } from '../lib/page.ts';
import type { Scope } from '../scope.ts';
import { type Goal, goalPosition } from './goal.ts';
import { listGoalsByUsers } from './goals.store.ts';

/**
 * One page of a person's goals, newest first; empty for a person nobody has heard of.
 * @throws BAD_USER_INPUT
 */
export async function listGoals(scope: Scope, userId: string, args: PageArgs): Promise<Page<Goal>> {
  const window = readWindow(args, MAX_PAGE);
  return toPage(userId, await listWindow(scope, userId, { ...window, limit: window.limit + 1 }), window);
}

/** All of a person's goals but the first `offset`, newest first, some hundreds at a time. */
export function allGoals(scope: Scope, userId: string, offset = 0): Promise<WholeList<Goal>> {
  const fetch = (window: Window) => listWindow(scope, userId, window);
  return pageAfterPage({ size: MAX_PAGE, offset, positionOf: goalPosition, fetch });
}

async function listWindow(scope: Scope, userId: string, window: Window): Promise<Goal[]> {
  const [list = []] = await listGoalsByUsers(scope.db, [userId], window);
  return list;
}
