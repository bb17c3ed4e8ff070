import { listLoaders, requestLoader } from '../../db/loaders.ts';
import { perRequest } from '../../request-context.ts';
import { countBadgesByUsers, findBadgesByIds, listBadgesByUsers } from './badges.store.ts';

export const badgeLoaders = perRequest(({ db }) => ({
  byId: requestLoader((ids: readonly number[]) => findBadgesByIds(db, ids)),
  ...listLoaders({ db, list: listBadgesByUsers, count: countBadgesByUsers }),
}));
