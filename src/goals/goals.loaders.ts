import DataLoader from 'dataloader';
import { type PageArgs, readWindow } from '../db/keyset.ts';
import { keepFailure } from '../lib/batch.ts';
import { memoByArgs } from '../lib/memo.ts';
import { toPage } from '../lib/page.ts';
import type { Scope } from '../scope.ts';
import type { Goal, GoalPage, GoalStatus } from './goal.ts';
import { countGoalsByUsers, findGoalsByIds, listGoalsByUsers } from './goals.store.ts';

const DEFAULT_LIST = 100;
const DEFAULT_PAGE = 20;

interface GoalArgs extends PageArgs {
  status?: readonly GoalStatus[] | null | undefined;
}

/** Goals by whom or what they are asked for: one statement for each set of arguments, whatever the number of people. */
export function goalLoaders({ db }: Scope) {
  const goalById = (ids: readonly number[]): Promise<(Goal | null)[]> => findGoalsByIds(db, ids);
  return {
    goalById: new DataLoader(keepFailure(goalById)),

    goalsOf: memoByArgs((args: GoalArgs) => {
      const window = { ...readWindow(args, DEFAULT_LIST), statuses: args.status ?? undefined };
      const goalsOf = (userIds: readonly string[]): Promise<Goal[][]> => listGoalsByUsers(db, userIds, window);
      return new DataLoader(keepFailure(goalsOf));
    }),

    goalPageOf: memoByArgs((args: GoalArgs) => {
      const window = { ...readWindow(args, DEFAULT_PAGE), statuses: args.status ?? undefined };
      const goalPageOf = async (userIds: readonly string[]): Promise<GoalPage[]> => {
        const lists = await listGoalsByUsers(db, userIds, { ...window, limit: window.limit + 1 });
        return userIds.map((userId, at) => {
          const page = toPage(userId, lists[at] ?? [], window);
          return { ...page, statuses: window.statuses };
        });
      };
      return new DataLoader(keepFailure(goalPageOf));
    }),

    goalCountOf: memoByArgs((statuses: readonly GoalStatus[] | undefined) => {
      const goalCountOf = (userIds: readonly string[]): Promise<number[]> => countGoalsByUsers(db, userIds, statuses);
      return new DataLoader(keepFailure(goalCountOf));
    }),
  };
}
