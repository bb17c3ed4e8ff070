import { listForSelection } from '../../loaders/list-for-selection.ts';
import { listLoaders, queryLoader } from '../../loaders/row-loaders.ts';
import { perRequest } from '../../request-context.ts';
import { countBadgesByUsers, findBadgesByIds, listBadgesByUsers, listBasicBadgesByUsers } from './badges.store.ts';

const badgeLists = {
  type: 'Badge',
  all: listBadgesByUsers,
  basic: listBasicBadgesByUsers,
  basicFields: new Set(['id', 'user', 'name', 'description', 'iconUrl', 'dateAchieved']),
};

export const badgeLoaders = perRequest((context) => ({
  byId: queryLoader(context, findBadgesByIds),
  ...listLoaders(context, { list: listForSelection(context, badgeLists), count: countBadgesByUsers }),
}));
