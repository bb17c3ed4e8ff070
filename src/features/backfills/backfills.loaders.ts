import { queryLoader } from '../../loaders/row-loaders.ts';
import { perRequest } from '../../request-context.ts';
import { findBackfills } from './backfills.store.ts';

export const backfillLoaders = perRequest((context) => ({ byId: queryLoader(context, findBackfills) }));
