import type { SQL } from 'drizzle-orm';
import { eq, sql } from '../../db/driver/drizzle.ts';
import { findByIds } from '../../db/query/find-by-ids.ts';
import { jsonColumn } from '../../db/query/json.ts';
import { type ListPerUser, listPerUser } from '../../db/query/list-per-user.ts';
import { valuePerUser } from '../../db/query/value-per-user.ts';
import { activities } from '../../db/schema/activities.ts';
import { authUsers } from '../../db/schema/auth-users.ts';
import type { Activity } from '../tracking/activity.ts';
import type { CalendarData } from './calendar.ts';

const columns = {
  id: activities.id,
  userId: activities.authUserId,
  eventId: activities.eventId,
  verb: activities.verb,
  objectId: activities.objectId,
  // NOTE: activities keep the id of a deleted goal, which no other goal ever gets
  goalId: sql`(
    select g.id from learning_goals g where g.auth_user_id = activities.auth_user_id and g.id = activities.goal_id
  )`.mapWith(Number) as SQL<number | null>,
  quantity: activities.quantity,
  occurredAt: activities.occurredAt,
  localDate: activities.localDate,
  timeZone: activities.timeZone,
  recordedAt: activities.recordedAt,
  voidedAt: activities.voidedAt,
};

const list = { from: activities, orderBy: activities.occurredAt };
const listAll = listPerUser(columns, list);
const listByVerb = listPerUser(columns, { ...list, where: eq(activities.verb, sql.placeholder('verb')) });

/** Lists the activities of users, newest first; with a filter, those with one verb. */
export const listActivitiesByUsers: ListPerUser<Activity> = (db, userIds, page) =>
  (page.filter === undefined ? listAll : listByVerb)(db, userIds, page);

export const findActivitiesByIds = findByIds(columns, activities);

const from = sql`${sql.placeholder('from')}::date`;
const to = sql`${sql.placeholder('to')}::date`;

const calendarColumns = {
  days: jsonColumn<CalendarData['days']>(sql`coalesce((
    select json_agg(json_build_array(d.local_date, d.count, least(d.quantity, 2147483647))) from activity_days d
    where d.auth_user_id = ${authUsers.id} and d.series = 'all' and d.count > 0 and d.local_date between ${from} and ${to}
  ), '[]')`),
  excused: jsonColumn<CalendarData['excused']>(sql`coalesce((
    select json_agg(json_build_array(e.from_date, e.to_date)) from excused_dates e
    where e.auth_user_id = ${authUsers.id} and e.voided_at is null and e.to_date >= ${from} and e.from_date <= ${to}
  ), '[]')`),
};

/** Returns the calendars of users between two dates, in the order of the user ids. */
export const findCalendars = valuePerUser(calendarColumns, (row): CalendarData => row ?? { days: [], excused: [] });
