import { userList } from '../../db/query/user-list.ts';
import type { RequestContext } from '../../request-context.ts';
import { badgeCursorKey } from './badge.ts';
import { badgeLoaders } from './badges.loaders.ts';
import { listBadgesByUsers } from './badges.store.ts';

/** The badges of a user. */
export const badgeList = userList(listBadgesByUsers, { cursorKey: badgeCursorKey });

/** Returns the number of a user's badges. */
export function countBadges(context: RequestContext, userId: string): Promise<number> {
  return badgeLoaders(context).count(undefined).load(userId);
}
