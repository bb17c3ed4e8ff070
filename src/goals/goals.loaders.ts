import DataLoader from 'dataloader';
import { type PageArgs, readWindow } from '../db/keyset.ts';
import { memoByArgs } from '../lib/memo.ts';
import { toPage } from '../lib/page.ts';
import type { Scope } from '../scope.ts';
import type { Goal, GoalPage, GoalStatus } from './goal.ts';
import { countGoalsByUsers, listGoalsByIds, listGoalsByUsers } from './goals.store.ts';

const DEFAULT_LIST = 100;
const DEFAULT_PAGE = 20;

interface GoalArgs extends PageArgs {
  status?: readonly GoalStatus[] | null | undefined;
}

/** Goals by whom or what they are asked for: one statement for each set of arguments, whatever the number of people. */
export function goalLoaders({ db }: Scope) {
  return {
    goalById: new DataLoader<number, Goal | null>(async (ids) => {
      const found = await listGoalsByIds(db, ids);
      return ids.map((id) => found.get(id) ?? null);
    }),
    goalsOf: memoByArgs((args: GoalArgs) => {
      const window = { ...readWindow(args, DEFAULT_LIST), statuses: args.status ?? undefined };
      return new DataLoader<string, Goal[]>(async (userIds) => {
        const found = await listGoalsByUsers(db, userIds, window);
        return userIds.map((id) => found.get(id) ?? []);
      });
    }),
    goalPageOf: memoByArgs((args: GoalArgs) => {
      const window = { ...readWindow(args, DEFAULT_PAGE), statuses: args.status ?? undefined };
      return new DataLoader<string, GoalPage>(async (userIds) => {
        const found = await listGoalsByUsers(db, userIds, { ...window, limit: window.limit + 1 });
        return userIds.map((userId) => ({
          ...toPage(userId, found.get(userId) ?? [], window),
          statuses: window.statuses,
        }));
      });
    }),
    goalCountOf: memoByArgs((statuses: readonly GoalStatus[] | undefined) => {
      return new DataLoader<string, number>(async (userIds) => {
        const counts = await countGoalsByUsers(db, userIds, statuses);
        return userIds.map((id) => counts.get(id) ?? 0);
      });
    }),
  };
}
