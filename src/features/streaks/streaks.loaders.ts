import { queryLoader } from '../../loaders/row-loaders.ts';
import { perRequest } from '../../request-context.ts';
import { findOverallStreaks, findStreaks } from './streaks.store.ts';

export const streakLoaders = perRequest((context) => ({
  overall: queryLoader(context, findOverallStreaks),
  byKey: queryLoader(context, findStreaks),
}));
