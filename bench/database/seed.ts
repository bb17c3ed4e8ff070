import { createHash } from 'node:crypto';
import type { Sql } from 'postgres';
import { restoreActivities, seedActivities } from './seed-activities.ts';

export const USERS = 20_000;
/** The last users receive the writes of the workloads. */
export const WRITTEN_USERS = 1000;
/** The first users are only read, so their data stays as it was seeded. */
export const READ_ONLY_USERS = USERS - WRITTEN_USERS;

const BADGES_PER_USER = 10;
const GOALS_PER_USER = 5;
/** The first users, and the written ones, have a history of activities. */
export const READ_TRACKED_USERS = 1000;

/** Increase with every change of the seed data: a database with another version is seeded again. */
const VERSION = 4;

/** Returns the id of the n-th user, from 1. `insertUsers` and `insertBadges` compute the same ids in SQL. */
export function userId(n: number): string {
  return createHash('md5').update(`user ${n}`).digest('hex');
}

/**
 * Seeds the users with their badges, goals and activities, unless this version of the data is there already. The rows
 * of a user lie scattered over the table, as if they had been inserted over time. Instants have three fractional digits
 * and the last is not 0. Servers that use `Date` therefore return the same text as servers that do not.
 *
 * @returns whether data was inserted
 */
export async function seed(sql: Sql): Promise<boolean> {
  await sql`create table if not exists bench_seed (version int primary key)`;
  const [current] = await sql`select from bench_seed where version = ${VERSION}`;
  if (current !== undefined) return seedActivities(sql, trackedUsers());
  await sql`truncate auth_users, idempotency_keys, bench_seed restart identity cascade`;
  await insertUsers(sql, USERS);
  await insertBadges(sql, { users: USERS, badges: USERS * BADGES_PER_USER });
  await sql`
    insert into learning_goals
      (auth_user_id, title, description, status, streak_count, created_at, updated_at, completed_at)
    select md5('user ' || 1 + n % ${USERS}::int), 'Read chapter ' || n, 'A page a day, and a note on each; ' || n,
      status, n % 30, at, at, case status when 'completed' then at end
    from generate_series(0, ${USERS * GOALS_PER_USER - 1}::int) n
      cross join lateral (select (array['not-started', 'in-progress', 'paused', 'completed', 'archived'])[1 + n % 5])
        as state(status)
      cross join lateral (select ${nthInstant(sql)}) as moment(at)`;
  await setCounters(sql);
  await sql`vacuum (analyze) auth_users, badges, learning_goals`;
  await sql`drop table if exists bench_activity_seed`;
  await seedActivities(sql, trackedUsers());
  await sql`insert into bench_seed values (${VERSION})`;
  return true;
}

/** Returns the numbers of the users with activities. */
function trackedUsers(): number[] {
  const numbers = (first: number, count: number) => Array.from({ length: count }, (_, n) => first + n);
  return [...numbers(1, READ_TRACKED_USERS), ...numbers(READ_ONLY_USERS + 1, WRITTEN_USERS)];
}

export async function insertUsers(sql: Sql, users: number): Promise<void> {
  await sql`insert into auth_users (id) select md5('user ' || n) from generate_series(1, ${users}::int) n`;
}

/** Inserts `badges` badges and assigns them to `users` users in turn. */
export async function insertBadges(sql: Sql, { users, badges }: { users: number; badges: number }): Promise<void> {
  await sql`
    insert into badges (auth_user_id, name, description, icon_url, date_achieved)
    select md5('user ' || 1 + n % ${users}::int), 'Badge number ' || n, 'For finishing the course with number ' || n,
      'https://cdn.example.org/badges/' || n % 500 || '.svg', ${nthInstant(sql)}
    from generate_series(0, ${badges - 1}::int) n`;
}

/** Deletes the rows that were written since the seed, whose statistics still apply. */
export async function restoreSeed(sql: Sql): Promise<void> {
  await sql`delete from badges where id > ${USERS * BADGES_PER_USER}`;
  await sql`delete from learning_goals where id > ${USERS * GOALS_PER_USER}`;
  await restoreActivities(sql);
  await setCounters(sql);
  await sql`vacuum badges, learning_goals, auth_users`;
}

/** Sets the counters, which the triggers of the tables have made unknown. */
async function setCounters(sql: Sql): Promise<void> {
  await sql`
    update auth_users set badge_count = ${BADGES_PER_USER}::int, goal_count = ${GOALS_PER_USER}::int
    where badge_count is distinct from ${BADGES_PER_USER}::int or goal_count is distinct from ${GOALS_PER_USER}::int`;
}

function nthInstant(sql: Sql) {
  return sql`timestamptz '2024-01-01T00:00:00Z' + n * interval '1 minute' + (n % 99 * 10 + 1 + n % 9) * interval '1 ms'`;
}
