import type { PageArgs } from '../../db/query/page-request.ts';
import { memoizeByArgs } from '../../lib/memoize-by-args.ts';
import { pageLoaders, queryLoader } from '../../loaders/row-loaders.ts';
import { perRequest } from '../../request-context.ts';
import type { Activity } from '../tracking/activity.ts';
import { findActivitiesByIds, findCalendars, listActivitiesByUsers } from './activities.store.ts';
import { fillCalendar } from './calendar.ts';

export interface ActivityListArgs extends PageArgs {
  verb?: string | null | undefined;
}

export const activityLoaders = perRequest((context) => ({
  byId: queryLoader(context, findActivitiesByIds),
  ...pageLoaders<Activity, ActivityListArgs>(context, {
    list: listActivitiesByUsers,
    filterOf: ({ verb }) => (verb == null ? undefined : { verb }),
  }),
  calendar: memoizeByArgs((range: { from: string; to: string }) =>
    queryLoader(context, async (db, userIds: readonly string[]) => {
      const calendars = await findCalendars(db, userIds, range);
      return calendars.map((data) => fillCalendar(data, range));
    }),
  ),
}));
