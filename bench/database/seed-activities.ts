import type { Sql } from 'postgres';
import { insertHistory } from './insert-activities.ts';
import { insertDefinitions } from './insert-definitions.ts';

export const HISTORY_DAYS = 200;

/** The tables whose rows a recorded activity updates; a copy keeps their seed. */
const COPIED_TABLES = ['activity_totals', 'streaks', 'peer_streaks'];

/** Returns the present date in UTC, the time zone of all users. */
export function today(): string {
  return new Date().toISOString().slice(0, 10);
}

/**
 * Seeds the definitions of badges, and the users' activities on dates that end yesterday. On a later date they are
 * seeded again.
 *
 * @param users the numbers of the users
 * @returns whether data was inserted
 */
export async function seedActivities(sql: Sql, users: readonly number[]): Promise<boolean> {
  await sql`create table if not exists bench_activity_seed (on_date date, last_id bigint)`;
  const [current] = await sql`select from bench_activity_seed where on_date = ${today()}`;
  if (current !== undefined) return false;
  const date = today();
  await sql`truncate activities, activity_days, activity_totals, streaks, bench_activity_seed restart identity`;
  await insertDefinitions(sql);
  await insertHistory(sql, { users, days: HISTORY_DAYS, today: date });
  await insertPeerStreaks(sql);
  for (const table of COPIED_TABLES) {
    await sql.unsafe(`drop table if exists bench_${table}; create table bench_${table} as table ${table}`);
  }
  await sql`vacuum (analyze) activities, activity_days, activity_totals, streaks, peer_streaks`;
  await sql`insert into bench_activity_seed select ${date}, max(id) from activities`;
  return true;
}

/** Creates the streaks as the other servers keep them: without time zones, as of the last date with activity. */
async function insertPeerStreaks(sql: Sql): Promise<void> {
  await sql`drop table if exists peer_streaks`;
  await sql`
    create table peer_streaks
      (auth_user_id text primary key, current int not null, longest int not null, last_day int not null)`;
  await sql`
    with days as (select auth_user_id, local_date - date '1970-01-01' as day from activity_days where series = 'all'),
      islands as (select *, day - row_number() over (partition by auth_user_id order by day) as island from days),
      runs as (select auth_user_id, count(*) as length, max(day) as last from islands group by auth_user_id, island)
    insert into peer_streaks
    select auth_user_id, (array_agg(length order by last desc))[1], max(length), max(last) from runs group by auth_user_id`;
}

/** Deletes the activities that were recorded since the seed, and their effects. */
export async function restoreActivities(sql: Sql): Promise<void> {
  const [seed] = await sql`select on_date::text, last_id from bench_activity_seed`;
  const users = await sql`select distinct auth_user_id as id from activities where id > ${seed?.last_id}`;
  if (users.length === 0) return;
  const ids = users.map(({ id }) => id as string);
  await sql`delete from activities where id > ${seed?.last_id}`;
  await sql`delete from activity_days where auth_user_id = any(${ids}) and local_date >= ${seed?.on_date}`;
  for (const table of COPIED_TABLES) {
    await sql`delete from ${sql(table)} where auth_user_id = any(${ids})`;
    await sql`insert into ${sql(table)} select * from ${sql(`bench_${table}`)} where auth_user_id = any(${ids})`;
  }
  await sql`vacuum activities, activity_days, activity_totals, streaks, peer_streaks`;
}
