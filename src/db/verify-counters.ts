import type { Pooler } from '../lib/database-url.ts';
import {
  type AdminConnection,
  openAdminConnection,
  READ_COMMITTED,
  removeLimits,
  type Sql,
} from './admin-connection.ts';
import { countedUsers } from './counted-users.ts';
import { LOCK_TIMEOUT_MS, LockRetries, type Print, retryLockTimeouts } from './lock-retries.ts';
import { BATCH_SIZE, type CountedUser, repairCounters } from './repair-counters.ts';

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
  /** Prints a line while a row stays locked. */
  print?: Print;
}

interface Batch {
  after: string;
  repair: boolean;
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
    let after: string | undefined = '';
    while (after !== undefined) {
      const batch: Batch = { after, repair };
      const retries = new LockRetries('a row of auth_users', print);
      const users: CountedUser[] = await retryLockTimeouts(retries, () => runBatch(connection, batch));
      for (const user of users) add(result, user);
      after = users.length < BATCH_SIZE ? undefined : users.at(-1)?.id;
    }
    return result;
  } finally {
    await connection.end({ timeout: 5 });
  }
}

function runBatch(connection: AdminConnection, { after, repair }: Batch): Promise<CountedUser[]> {
  return connection.begin(READ_COMMITTED, async (tx) => {
    await removeLimits(tx, LOCK_TIMEOUT_MS);
    return repair ? repairCounters(tx, after) : readBatch(tx, after);
  }) as Promise<CountedUser[]>;
}

async function readBatch(tx: Sql, after: string): Promise<CountedUser[]> {
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
