import { queryBudget } from '../../loaders/query-budget.ts';
import { requestLoader } from '../../loaders/row-loaders.ts';
import { perRequest } from '../../request-context.ts';
import type { StreakKey } from './series.ts';
import { findOverallStreaks, findStreaks } from './streaks.store.ts';

export const streakLoaders = perRequest((context) => {
  const { db } = context;
  const budget = queryBudget(context);
  return {
    overall: requestLoader((userIds: readonly string[]) => budget.run(() => findOverallStreaks(db, userIds))),
    byKey: requestLoader((keys: readonly StreakKey[]) => budget.run(() => findStreaks(db, keys))),
  };
});
