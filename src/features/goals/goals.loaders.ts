import type { PageArgs } from '../../db/query/page-request.ts';
import { queryBudget } from '../../loaders/query-budget.ts';
import { listLoaders, requestLoader, rowLoader } from '../../loaders/row-loaders.ts';
import { perRequest } from '../../request-context.ts';
import type { Goal, GoalStatus } from './goal.ts';
import { findGoalSums } from './goal-sums.store.ts';
import { countGoalsByUsers, findGoalsByIds, listGoalsByUsers, statusFilter } from './goals.store.ts';

interface GoalListArgs extends PageArgs {
  status?: readonly GoalStatus[] | null | undefined;
}

export const goalLoaders = perRequest((context) => ({
  byId: rowLoader(context, findGoalsByIds),
  ...listLoaders<Goal, GoalListArgs>(context, {
    list: listGoalsByUsers,
    count: countGoalsByUsers,
    filterOf: ({ status }) => statusFilter(status ?? undefined),
  }),
  sums: requestLoader((goals: readonly Goal[]) => queryBudget(context).run(() => findGoalSums(context.db, goals)), {
    cacheKeyFn: ({ id }) => id,
  }),
}));
