import type { PageArgs } from '../../db/query/page-request.ts';
import { listLoaders, rowLoader } from '../../loaders/row-loaders.ts';
import { perRequest } from '../../request-context.ts';
import type { Goal, GoalStatus } from './goal.ts';
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
}));
