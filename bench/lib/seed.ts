import { createHash } from 'node:crypto';
import type { Sql } from 'postgres';

export const PEOPLE = 20_000;
export const BADGES_EACH = 10;
export const GOALS_EACH = 5;
/** The last of the people write, the others are read and stay as they are. */
export const WRITERS = 1000;
/** Changes with what is seeded, so that data of an earlier version are made anew. */
const VERSION = 1;

/** The id of the n-th person, from 1; `seedSql` makes the same. */
export function personId(n: number): string {
  return createHash('md5').update(`person ${n}`).digest('hex');
}

/**
 * 20,000 people with 10 badges and 5 goals each. A person's rows lie scattered over the table, as when people earn them
 * one now and then. Instants have three digits after the point, the last of them not 0, for that is how a `Date` shows
 * any: so every server can answer the same bytes.
 */
export async function seed(sql: Sql): Promise<boolean> {
  await sql`create table if not exists bench_seed (version int primary key)`;
  const [done] = await sql`select from bench_seed where version = ${VERSION}`;
  if (done !== undefined) return false;
  await sql`truncate badges, learning_goals, idempotency_keys, auth_users, bench_seed restart identity`;
  await sql`insert into auth_users (id) select md5('person ' || n) from generate_series(1, ${PEOPLE}::int) n`;
  await insertBadges(sql, { people: PEOPLE, badges: PEOPLE * BADGES_EACH });
  await sql`
    insert into learning_goals
      (auth_user_id, title, description, status, streak_count, created_at, updated_at, completed_at)
    select md5('person ' || 1 + n % ${PEOPLE}::int), 'Read chapter ' || n, 'A page a day, and a note on each; ' || n,
      status, n % 30, at, at, case status when 'completed' then at end
    from generate_series(0, ${PEOPLE * GOALS_EACH - 1}::int) n
      cross join lateral (select (array['not-started', 'in-progress', 'paused', 'completed', 'archived'])[1 + n % 5])
        as state(status)
      cross join lateral (select ${instant(sql)}) as moment(at)`;
  await sql`vacuum (analyze) auth_users, badges, learning_goals`;
  await sql`insert into bench_seed values (${VERSION})`;
  return true;
}

/** `badges` badges for `people` people in turn. */
export async function insertBadges(sql: Sql, { people, badges }: { people: number; badges: number }): Promise<void> {
  await sql`
    insert into badges (auth_user_id, name, description, icon_url, date_achieved)
    select md5('person ' || 1 + n % ${people}::int), 'Badge number ' || n, 'For finishing the course with number ' || n,
      'https://cdn.example.org/badges/' || n % 500 || '.svg', ${instant(sql)}
    from generate_series(0, ${badges - 1}::int) n`;
}

/** Takes away what was written since the seed. */
export async function restore(sql: Sql): Promise<void> {
  await sql`delete from badges where id > ${PEOPLE * BADGES_EACH}`;
  await sql`vacuum (analyze) badges, auth_users`;
}

function instant(sql: Sql) {
  return sql`timestamptz '2024-01-01T00:00:00Z' + n * interval '1 minute' + (n % 99 * 10 + 1 + n % 9) * interval '1 ms'`;
}
