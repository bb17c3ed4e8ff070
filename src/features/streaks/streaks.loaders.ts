import { queryBudget } from '../../loaders/query-budget.ts';
import { requestLoader } from '../../loaders/row-loaders.ts';
import { perRequest } from '../../request-context.ts';
import type { StreakKey } from './series.ts';
import { findStreaks } from './streaks.store.ts';

export const streakLoaders = perRequest((context) => {
  const budget = queryBudget(context);
  return { byKey: requestLoader((keys: readonly StreakKey[]) => budget.run(() => findStreaks(context.db, keys))) };
});
