import type { Db } from '../../db/client.ts';
import { eq, sql } from '../../db/driver/drizzle.ts';
import { findByIds } from '../../db/query/find-by-ids.ts';
import { jsonColumn } from '../../db/query/json.ts';
import { type ListPerUser, listPerUser } from '../../db/query/list-per-user.ts';
import { valuePerUser } from '../../db/query/value-per-user.ts';
import { activities } from '../../db/schema/activities.ts';
import { authUsers } from '../../db/schema/auth-users.ts';
import { learningGoals } from '../../db/schema/goals.ts';
import type { Activity } from '../tracking/activity.ts';
import type { CalendarData } from './calendar.ts';

const columns = {
  id: activities.id,
  userId: activities.authUserId,
  eventId: activities.eventId,
  verb: activities.verb,
  objectId: activities.objectId,
  goalId: activities.goalId,
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
export const listActivitiesByUsers: ListPerUser<Activity> = async (db, userIds, page) => {
  const lists = await (page.filter === undefined ? listAll : listByVerb)(db, userIds, page);
  return withoutDeletedGoals(db, lists);
};

const findAll = findByIds(columns, activities);

export async function findActivitiesByIds(db: Db, ids: readonly number[]): Promise<(Activity | null)[]> {
  const [rows = []] = await withoutDeletedGoals(db, [await findAll(db, ids)]);
  return rows;
}

const findGoals = findByIds({ id: learningGoals.id }, learningGoals);

/** Activities keep the id of a deleted goal, which no other goal ever gets. */
async function withoutDeletedGoals<Row extends Activity | null>(db: Db, lists: readonly Row[][]): Promise<Row[][]> {
  const ids = new Set(lists.flat().flatMap((row) => row?.goalId ?? []));
  if (ids.size === 0) return [...lists];
  const goals = new Set((await findGoals(db, [...ids])).map((goal) => goal?.id));
  const current = (row: Row): Row => (row?.goalId == null || goals.has(row.goalId) ? row : { ...row, goalId: null });
  return lists.map((rows) => rows.map(current));
}

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
