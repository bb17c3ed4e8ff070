import { userList } from '../../db/query/user-list.ts';
import type { RequestContext } from '../../request-context.ts';
import { goalCursorKey } from './goal.ts';
import { goalLoaders } from './goals.loaders.ts';
import { listGoalsByUsers, statusFilter } from './goals.store.ts';

const ALL_STATUSES = statusFilter();

/** The goals of a user, of every status. */
export const goalList = userList(listGoalsByUsers, { cursorKey: goalCursorKey, filter: ALL_STATUSES });

/** Returns the number of a user's goals, of every status. */
export function countGoals(context: RequestContext, userId: string): Promise<number> {
  return goalLoaders(context).count(ALL_STATUSES).load(userId);
}
