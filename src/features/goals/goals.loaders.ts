import type { PageArgs } from '../../db/query/page-request.ts';
import { listLoaders, queryLoader } from '../../loaders/row-loaders.ts';
import { perRequest } from '../../request-context.ts';
import type { Goal, GoalStatus } from './goal.ts';
import { findGoalSums } from './goal-sums.store.ts';
import { countGoalsByUsers, findGoalsByIds, listGoalsByUsers, statusFilter } from './goals.store.ts';

interface GoalListArgs extends PageArgs {
  status?: readonly GoalStatus[] | null | undefined;
}

export const goalLoaders = perRequest((context) => ({
  byId: queryLoader(context, findGoalsByIds),
  ...listLoaders<Goal, GoalListArgs>(context, {
    list: listGoalsByUsers,
    count: countGoalsByUsers,
    filterOf: ({ status }) => statusFilter(status ?? undefined),
  }),
  sums: queryLoader(context, findGoalSums, { cacheKeyFn: ({ id }) => id }),
}));
