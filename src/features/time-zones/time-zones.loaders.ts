import { queryBudget } from '../../loaders/query-budget.ts';
import { requestLoader } from '../../loaders/row-loaders.ts';
import { perRequest } from '../../request-context.ts';
import { findTimeZones } from './time-zones.store.ts';

export const timeZoneLoaders = perRequest((context) => {
  const budget = queryBudget(context);
  return {
    byUser: requestLoader((userIds: readonly string[]) => budget.run(() => findTimeZones(context.db, userIds))),
  };
});
