import type { Sql } from './admin-connection.ts';
import { countedUsers } from './counted-users.ts';
import { LockRetries, type Print, retryLockTimeouts } from './lock-retries.ts';
import { textArray } from './query/prepared-query.ts';

/** Users of a batch. A repair locks them for two round trips and the time to count their rows. */
export const BATCH_SIZE = 100;

export interface CountedUser {
  id: string;
  badge_count: number | null;
  goal_count: number | null;
  badges: number;
  goals: number;
}

/**
 * Yields all users with their counters, in batches. A batch releases its locks after the timeout of a lock and is
 * repeated, for up to two minutes.
 * @param runBatch reads or repairs the users after an id, in a transaction of its own
 * @throws Error when another transaction holds a lock for longer
 */
export async function* counterBatches(
  print: Print,
  runBatch: (after: string) => Promise<CountedUser[]>,
): AsyncGenerator<CountedUser[]> {
  let last: CountedUser | undefined;
  do {
    const after = last?.id ?? '';
    const users = await retryLockTimeouts(new LockRetries('a row of auth_users', print), () => runBatch(after));
    if (users.length > 0) yield users;
    last = users[BATCH_SIZE - 1];
  } while (last !== undefined);
}

/**
 * Sets the unknown and the wrong counters of a batch, the first users after an id. Returns these users with the
 * counters before. The service may write at the same time, because the users are locked before the statement that
 * counts. Its snapshot then has every row of earlier writes.
 */
export async function repairCounters(tx: Sql, after: string): Promise<CountedUser[]> {
  const locked = await tx<{ id: string }[]>`
    select id from public.auth_users where id > ${after} order by id limit ${BATCH_SIZE} for update`;
  return tx<CountedUser[]>`
    with counted as materialized (
      ${countedUsers(tx)} where u.id = any(${textArray(locked.map(({ id }) => id))}::text[])),
    repaired as (
      update public.auth_users u set badge_count = counted.badges, goal_count = counted.goals from counted
      where u.id = counted.id
        and (counted.badge_count, counted.goal_count) is distinct from (counted.badges, counted.goals))
    select * from counted order by id`;
}
