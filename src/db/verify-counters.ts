import { openAdminConnection, READ_COMMITTED, removeLimits, type Sql } from './admin-connection.ts';
import { countedUsers } from './counted-users.ts';
import type { Pooler } from './database-url.ts';
import { LOCK_TIMEOUT_MS, type Print } from './lock-retries.ts';
import { RowProgress } from './migration-progress.ts';
import { BATCH_SIZE, type CountedUser, counterBatches, repairCounters } from './repair-counters.ts';

/** Differences that a verification lists. */
const MAX_DIFFERENCES = 10;

interface CounterDifference {
  userId: string;
  counter: 'badge_count' | 'goal_count';
  value: number | null;
  rows: number;
}

interface CounterVerification {
  users: number;
  /** The number of counters that are null, and of those that differ from the number of rows. */
  unknown: number;
  wrong: number;
  /** The first wrong counters. */
  differences: CounterDifference[];
}

interface VerifyOptions {
  repair: boolean;
  pooler?: Pooler | undefined;
  /** Prints the progress every few seconds, and a line while a row stays locked. */
  print?: Print;
}

/**
 * Compares the counters of `auth_users` with the rows that they count, in batches. One statement reads a batch, so the
 * service may write at the same time. `repair` also sets every unknown or wrong counter. A batch waits 300 ms for the
 * lock of a user, and then releases its locks and is repeated, for up to two minutes.
 * @throws Error when another transaction holds a lock for longer
 */
export async function verifyCounters(
  databaseUrl: string,
  { repair, pooler, print = () => undefined }: VerifyOptions,
): Promise<CounterVerification> {
  const connection = await openAdminConnection(databaseUrl, { application_name: 'user-service verify' }, pooler);
  try {
    const result: CounterVerification = { users: 0, unknown: 0, wrong: 0, differences: [] };
    const runBatch = (after: string) =>
      connection.begin(READ_COMMITTED, async (tx) => {
        await removeLimits(tx, LOCK_TIMEOUT_MS);
        return repair ? repairCounters(tx, after) : readCounters(tx, after);
      }) as Promise<CountedUser[]>;
    const progress = await RowProgress.start('update auth_users', { print, monitor: connection });
    for await (const users of counterBatches(print, runBatch)) {
      for (const user of users) add(result, user);
      // The last batch is not full: a small database prints nothing.
      if (users.length === BATCH_SIZE) progress.add(users.length);
    }
    return result;
  } finally {
    await connection.end({ timeout: 5 });
  }
}

async function readCounters(tx: Sql, after: string): Promise<CountedUser[]> {
  return tx<CountedUser[]>`${countedUsers(tx)} where u.id > ${after} order by u.id limit ${BATCH_SIZE}`;
}

function add(result: CounterVerification, user: CountedUser): void {
  result.users++;
  compare(result, { userId: user.id, counter: 'badge_count', value: user.badge_count, rows: user.badges });
  compare(result, { userId: user.id, counter: 'goal_count', value: user.goal_count, rows: user.goals });
}

function compare(result: CounterVerification, difference: CounterDifference): void {
  if (difference.value === null) result.unknown++;
  else if (difference.value !== difference.rows) {
    result.wrong++;
    if (result.differences.length < MAX_DIFFERENCES) result.differences.push(difference);
  }
}
