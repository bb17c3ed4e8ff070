import { queryBudget } from '../../loaders/query-budget.ts';
import { requestLoader } from '../../loaders/row-loaders.ts';
import { perRequest } from '../../request-context.ts';
import { listExcusedDatesByUsers } from './excused-dates.store.ts';

export const excusedDatesLoaders = perRequest((context) => {
  const budget = queryBudget(context);
  return {
    byUser: requestLoader(async (userIds: readonly string[]) => {
      const lists = await budget.run(() => listExcusedDatesByUsers(context.db, userIds));
      for (const ranges of lists) budget.spend(ranges);
      return lists;
    }),
  };
});
