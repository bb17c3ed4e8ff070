import type { PageArgs } from '../../db/query/page-request.ts';
import { memoizeByArgs } from '../../lib/memoize-by-args.ts';
import { queryBudget } from '../../loaders/query-budget.ts';
import { pageLoaders, requestLoader, rowLoader } from '../../loaders/row-loaders.ts';
import { perRequest } from '../../request-context.ts';
import type { Activity } from '../tracking/activity.ts';
import { findActivitiesByIds, findCalendars, listActivitiesByUsers } from './activities.store.ts';
import { fillCalendar } from './calendar.ts';

export interface ActivityListArgs extends PageArgs {
  verb?: string | null | undefined;
}

export const activityLoaders = perRequest((context) => {
  const budget = queryBudget(context);
  return {
    byId: rowLoader(context, findActivitiesByIds),
    ...pageLoaders<Activity, ActivityListArgs>(context, {
      list: listActivitiesByUsers,
      filterOf: ({ verb }) => (verb == null ? undefined : { verb }),
    }),
    calendar: memoizeByArgs((range: { from: string; to: string }) =>
      requestLoader(async (userIds: readonly string[]) => {
        const calendars = await budget.run(() => findCalendars(context.db, userIds, range));
        return calendars.map((data) => fillCalendar(data, range));
      }),
    ),
  };
});
