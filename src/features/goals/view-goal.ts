import type { RequestContext } from '../../request-context.ts';
import type { Goal } from './goal.ts';
import { goalLoaders } from './goals.loaders.ts';
import { withStreakCount } from './with-streak-counts.ts';

/** Returns a goal by id; null when no goal has the id. */
export async function viewGoal(context: RequestContext, id: number): Promise<Goal | null> {
  return withStreakCount(context, await goalLoaders(context).byId.load(id));
}
