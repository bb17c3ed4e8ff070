import { maySee, type Reader } from '../../auth/scopes.ts';
import { invalidField } from '../../errors.ts';
import type { CursorKey } from '../../lib/cursor.ts';
import type { DateRange } from '../../lib/date-ranges.ts';
import { daysBetween } from '../../lib/local-date.ts';
import type { Page } from '../../lib/page.ts';
import { VERB } from '../../lib/verb.ts';
import { derivedPerRequest, type RequestContext } from '../../request-context.ts';
import type { Activity } from '../tracking/activity.ts';
import { type ActivityListArgs, activityLoaders } from './activities.loaders.ts';
import type { CalendarDay } from './calendar.ts';

/** The proof that the viewer may see the activities of a user. */
type ActivityReader = Reader<'activity:read'>;

/** Maximum dates of a calendar. */
const MAX_CALENDAR_DATES = 400;

export function activityCursorKey(activity: Activity): CursorKey {
  return { at: activity.occurredAt, id: activity.id };
}

/**
 * Returns a page of a user's activities, newest first; null when the viewer may not see them.
 * @throws BAD_USER_INPUT
 */
export function viewActivities(
  context: RequestContext,
  reader: ActivityReader,
  args: ActivityListArgs,
): Promise<Page<Activity>>;
export function viewActivities(
  context: RequestContext,
  reader: ActivityReader | null,
  args: ActivityListArgs,
): Promise<Page<Activity> | null>;
export async function viewActivities(
  context: RequestContext,
  reader: ActivityReader | null,
  args: ActivityListArgs,
): Promise<Page<Activity> | null> {
  if (args.verb != null && !VERB.test(args.verb)) throw invalidField('verb', `verb must match ${VERB.source}`);
  const page = activityLoaders(context).page(args);
  return reader && page.load(reader.userId);
}

/** Returns activities by id, in the order of the ids. */
export const loadActivities = derivedPerRequest(async (context, ids: readonly number[]): Promise<Activity[]> => {
  const { byId } = activityLoaders(context);
  return (await Promise.all(ids.map((id) => byId.load(id)))).filter((activity) => activity !== null);
});

/** Returns an activity by id; null when there is none that the viewer may see. */
export async function viewActivity(context: RequestContext, id: number): Promise<Activity | null> {
  if (context.viewer === null) return null;
  const activity = await activityLoaders(context).byId.load(id);
  return activity !== null && maySee(context.viewer, activity.userId, 'activity:read') ? activity : null;
}

/**
 * Returns every date of a user's calendar between two dates; null when the viewer may not see it.
 * @throws BAD_USER_INPUT for a range that is reversed or has more than 400 dates
 */
export function viewCalendar(context: RequestContext, reader: ActivityReader, range: DateRange): Promise<CalendarDay[]>;
export function viewCalendar(
  context: RequestContext,
  reader: ActivityReader | null,
  range: DateRange,
): Promise<CalendarDay[] | null>;
export async function viewCalendar(
  context: RequestContext,
  reader: ActivityReader | null,
  { from, to }: DateRange,
): Promise<CalendarDay[] | null> {
  if (to < from) throw invalidField('to', 'to must not be earlier than from');
  if (daysBetween(from, to) >= MAX_CALENDAR_DATES) {
    throw invalidField('to', `to must be at most ${MAX_CALENDAR_DATES - 1} days after from`);
  }
  return reader && activityLoaders(context).calendar({ from, to }).load(reader.userId);
}
