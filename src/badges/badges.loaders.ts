import DataLoader from 'dataloader';
import { type PageArgs, readWindow } from '../db/keyset.ts';
import { memoByArgs } from '../lib/memo.ts';
import { toPage } from '../lib/page.ts';
import type { Scope } from '../scope.ts';
import type { Badge, BadgePage } from './badge.ts';
import { countBadgesByUsers, listBadgesByIds, listBadgesByUsers } from './badges.store.ts';

const DEFAULT_LIST = 100;
const DEFAULT_PAGE = 20;

/** Badges by whom or what they are asked for: one statement for each set of arguments, whatever the number of people. */
export function badgeLoaders({ db }: Scope) {
  return {
    badgeById: new DataLoader<number, Badge | null>(async (ids) => {
      const found = await listBadgesByIds(db, ids);
      return ids.map((id) => found.get(id) ?? null);
    }),
    badgesOf: memoByArgs((args: PageArgs) => {
      const window = readWindow(args, DEFAULT_LIST);
      return new DataLoader<string, Badge[]>(async (userIds) => {
        const found = await listBadgesByUsers(db, userIds, window);
        return userIds.map((id) => found.get(id) ?? []);
      });
    }),
    badgePageOf: memoByArgs((args: PageArgs) => {
      const window = readWindow(args, DEFAULT_PAGE);
      return new DataLoader<string, BadgePage>(async (userIds) => {
        const found = await listBadgesByUsers(db, userIds, { ...window, limit: window.limit + 1 });
        return userIds.map((userId) => toPage(userId, found.get(userId) ?? [], window));
      });
    }),
    badgeCountOf: new DataLoader<string, number>(async (userIds) => {
      const counts = await countBadgesByUsers(db, userIds);
      return userIds.map((id) => counts.get(id) ?? 0);
    }),
  };
}
