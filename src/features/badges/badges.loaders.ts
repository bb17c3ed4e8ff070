import { listLoaders, queryLoader } from '../../loaders/row-loaders.ts';
import { perRequest } from '../../request-context.ts';
import { countBadgesByUsers, findBadgesByIds, listBadgesByUsers } from './badges.store.ts';

export const badgeLoaders = perRequest((context) => ({
  byId: queryLoader(context, findBadgesByIds),
  ...listLoaders(context, { list: listBadgesByUsers, count: countBadgesByUsers }),
}));
