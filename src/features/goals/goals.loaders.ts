import { listLoaders, requestLoader } from '../../db/loaders.ts';
import type { PageArgs } from '../../db/query/page-request.ts';
import { perRequest } from '../../request-context.ts';
import type { Goal, GoalStatus } from './goal.ts';
import { countGoalsByUsers, findGoalsByIds, listGoalsByUsers, statusFilter } from './goals.store.ts';

interface GoalListArgs extends PageArgs {
  status?: readonly GoalStatus[] | null | undefined;
}

export const goalLoaders = perRequest(({ db }) => ({
  byId: requestLoader((ids: readonly number[]) => findGoalsByIds(db, ids)),
  ...listLoaders<Goal, GoalListArgs>({
    db,
    list: listGoalsByUsers,
    count: countGoalsByUsers,
    filterOf: ({ status }) => statusFilter(status ?? undefined),
  }),
}));
