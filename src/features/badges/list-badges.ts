import { userList } from '../../db/query/user-list.ts';
import type { RequestContext } from '../../request-context.ts';
import { badgeCursorKey } from './badge.ts';
import { badgeLoaders } from './badges.loaders.ts';
import { listBasicBadgesByUsers } from './badges.store.ts';

/** The badges of a user, with the fields of a response of REST. */
export const badgeList = userList(listBasicBadgesByUsers, { cursorKey: badgeCursorKey });

/** Returns the number of a user's badges. */
export function countBadges(context: RequestContext, userId: string): Promise<number> {
  return badgeLoaders(context).count(undefined).load(userId);
}
