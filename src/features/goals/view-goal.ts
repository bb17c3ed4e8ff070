import { derivedPerRequest, type RequestContext } from '../../request-context.ts';
import type { Goal } from './goal.ts';
import { goalLoaders } from './goals.loaders.ts';
import { withStreakCount } from './with-streak-counts.ts';

/** Returns a goal by id; null when no goal has the id. */
export const viewGoal: (context: RequestContext, id: number) => Promise<Goal | null> = derivedPerRequest(
  async (context: RequestContext, id: number) => withStreakCount(context, await goalLoaders(context).byId.load(id)),
);
