import type { PageArgs } from '../../db/query/page-request.ts';
import { listForSelection } from '../../loaders/list-for-selection.ts';
import { listLoaders, queryLoader } from '../../loaders/row-loaders.ts';
import { perRequest } from '../../request-context.ts';
import type { Goal, GoalStatus } from './goal.ts';
import { findGoalSums } from './goal-sums.store.ts';
import {
  countGoalsByUsers,
  findGoalsByIds,
  listBasicGoalsByUsers,
  listGoalsByUsers,
  statusFilter,
} from './goals.store.ts';

const goalLists = {
  type: 'LearningGoal',
  all: listGoalsByUsers,
  basic: listBasicGoalsByUsers,
  basicFields: new Set(['id', 'user', 'title', 'description', 'status', 'streakCount', 'createdAt', 'timesPerWeek']),
};

interface GoalListArgs extends PageArgs {
  status?: readonly GoalStatus[] | null | undefined;
}

export const goalLoaders = perRequest((context) => ({
  byId: queryLoader(context, findGoalsByIds),
  ...listLoaders<Goal, GoalListArgs>(context, {
    list: listForSelection(context, goalLists),
    count: countGoalsByUsers,
    filterOf: ({ status }) => statusFilter(status ?? undefined),
  }),
  sums: queryLoader(context, findGoalSums, { cacheKeyFn: ({ id }) => id }),
}));
