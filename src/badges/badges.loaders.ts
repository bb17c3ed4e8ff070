import DataLoader from 'dataloader';
import { type PageArgs, readWindow } from '../db/keyset.ts';
import { keepFailure } from '../lib/batch.ts';
import { memoByArgs } from '../lib/memo.ts';
import { toPage } from '../lib/page.ts';
import type { Scope } from '../scope.ts';
import type { Badge, BadgePage } from './badge.ts';
import { countBadgesByUsers, findBadgesByIds, listBadgesByUsers } from './badges.store.ts';

const DEFAULT_LIST = 100;
const DEFAULT_PAGE = 20;

/** Badges by whom or what they are asked for: one statement for each set of arguments, whatever the number of people. */
export function badgeLoaders({ db }: Scope) {
  const badgeById = (ids: readonly number[]): Promise<(Badge | null)[]> => findBadgesByIds(db, ids);
  const badgeCountOf = (userIds: readonly string[]): Promise<number[]> => countBadgesByUsers(db, userIds);
  return {
    badgeById: new DataLoader(keepFailure(badgeById)),
    badgeCountOf: new DataLoader(keepFailure(badgeCountOf)),

    badgesOf: memoByArgs((args: PageArgs) => {
      const window = readWindow(args, DEFAULT_LIST);
      const badgesOf = (userIds: readonly string[]): Promise<Badge[][]> => listBadgesByUsers(db, userIds, window);
      return new DataLoader(keepFailure(badgesOf));
    }),

    badgePageOf: memoByArgs((args: PageArgs) => {
      const window = readWindow(args, DEFAULT_PAGE);
      const badgePageOf = async (userIds: readonly string[]): Promise<BadgePage[]> => {
        const lists = await listBadgesByUsers(db, userIds, { ...window, limit: window.limit + 1 });
        return userIds.map((userId, at) => toPage(userId, lists[at] ?? [], window));
      };
      return new DataLoader(keepFailure(badgePageOf));
    }),
  };
}
