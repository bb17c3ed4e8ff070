import { type Counter, countOf } from './counters.ts';
import { sql } from './driver/drizzle.ts';
import type { CountPerUser } from './query/count-per-user.ts';
import { valuePerUser } from './query/value-per-user.ts';
import { authUsers } from './schema/auth-users.ts';

/**
 * Returns a function that returns the number of each user's rows, in the order of the user ids, with one query. It
 * reads the counter, or counts the rows where the counter is unknown.
 */
export function totalPerUser(counter: Counter): CountPerUser {
  const counted = countOf(counter, sql`${authUsers.id}`);
  const count = sql<number>`coalesce(${counter.column}, ${counted})`.mapWith(Number);
  return valuePerUser({ count }, (row) => row?.count ?? 0);
}
