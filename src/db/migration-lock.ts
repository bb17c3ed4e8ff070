import { type AdminConnection, lockInTransaction, READ_COMMITTED, removeLimits, type Sql } from './admin-connection.ts';
import { LOCK_TIMEOUT_MS, LockRetries, type Print, retryLockTimeouts } from './lock-retries.ts';

/**
 * How long an attempt waits for another migration, in milliseconds; there is no limit on attempts. A longer wait would
 * hold a snapshot, which `create index concurrently` in the other migration waits for.
 */
const ADVISORY_LOCK_TIMEOUT_MS = 1000;
/** When a migration prints that it waits for another one. */
const PRINT_WAIT_AFTER_MS = 10_000;

/**
 * Runs `work` in a transaction that holds the advisory lock, with no time limit but that of locks. After a lock timeout
 * it runs again in a new transaction, for up to two minutes.
 * @throws Error when another transaction holds a lock for longer
 */
export function inMigrationTransaction<Result>(
  connection: AdminConnection,
  print: Print,
  work: (tx: Sql) => Promise<Result>,
): Promise<Result> {
  const tableRetries = new LockRetries('a table', print);
  let printAt = performance.now() + PRINT_WAIT_AFTER_MS;
  const printWait = () => {
    if (performance.now() < printAt) return;
    printAt = Number.POSITIVE_INFINITY;
    print('waiting for another migration of this database');
  };
  let isLocked = false;
  const pause = (error: Error) => (isLocked ? tableRetries.pause(error) : printWait());
  return retryLockTimeouts({ pause }, () => {
    isLocked = false;
    return connection.begin(READ_COMMITTED, async (tx) => {
      await removeLimits(tx, ADVISORY_LOCK_TIMEOUT_MS);
      await lockInTransaction(tx);
      isLocked = true;
      await tx.unsafe(`set local lock_timeout = ${LOCK_TIMEOUT_MS}`);
      return work(tx);
    }) as Promise<Result>;
  });
}
