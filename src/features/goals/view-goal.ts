import { derivedPerRequest, type RequestContext } from '../../request-context.ts';
import type { Goal } from './goal.ts';
import { goalLoaders } from './goals.loaders.ts';
import { findGoal } from './goals.store.ts';
import { cacheStoredStreak, withStreakCount } from './with-streak-counts.ts';

/** Returns a goal by id; null when no goal has the id. */
export const viewGoal: (context: RequestContext, id: number) => Promise<Goal | null> = derivedPerRequest(
  async (context: RequestContext, id: number) => withStreakCount(context, await goalLoaders(context).byId.load(id)),
);

/** Returns a goal of a user, with one query; null when the user has no goal with the id. */
export async function viewUserGoal(context: RequestContext, userId: string, id: number): Promise<Goal | null> {
  const goal = await findGoal(context.db, userId, id);
  if (goal !== null) cacheStoredStreak(context, goal);
  return withStreakCount(context, goal);
}
