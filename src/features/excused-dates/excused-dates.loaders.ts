import { queryBudget } from '../../loaders/query-budget.ts';
import { queryLoader } from '../../loaders/row-loaders.ts';
import { perRequest } from '../../request-context.ts';
import { listExcusedDatesByUsers } from './excused-dates.store.ts';

export const excusedDatesLoaders = perRequest((context) => {
  const budget = queryBudget(context);
  return {
    byUser: queryLoader(context, async (db, userIds: readonly string[]) => {
      const lists = await listExcusedDatesByUsers(db, userIds);
      for (const ranges of lists) budget.spend(ranges);
      return lists;
    }),
  };
});
