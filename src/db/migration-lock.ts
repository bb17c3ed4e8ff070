import { type AdminConnection, lockInTransaction, READ_COMMITTED, removeLimits, type Sql } from './admin-connection.ts';
import { isLockTimeout } from './errors.ts';
import { LOCK_TIMEOUT_MS, LockRetries, type Print } from './lock-retries.ts';

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
export async function inMigrationTransaction<Result>(
  connection: AdminConnection,
  print: Print,
  work: (tx: Sql) => Promise<Result>,
): Promise<Result> {
  const wait = new LockWait(print);
  for (;;) {
    let isLocked = false;
    try {
      return (await connection.begin(READ_COMMITTED, async (tx) => {
        await removeLimits(tx, ADVISORY_LOCK_TIMEOUT_MS);
        await lockInTransaction(tx);
        isLocked = true;
        await tx.unsafe(`set local lock_timeout = ${LOCK_TIMEOUT_MS}`);
        return work(tx);
      })) as Result;
    } catch (error) {
      if (!isLockTimeout(error)) throw error;
      await (isLocked ? wait.forTable(error) : wait.forOtherMigration());
    }
  }
}

class LockWait {
  readonly #print: Print;
  readonly #startedAt = performance.now();
  readonly #tableRetries: LockRetries;
  #hasPrinted = false;

  constructor(print: Print) {
    this.#print = print;
    this.#tableRetries = new LockRetries('a table', print);
  }

  forTable(error: Error): Promise<void> {
    return this.#tableRetries.pause(error);
  }

  async forOtherMigration(): Promise<void> {
    if (!this.#hasPrinted && performance.now() - this.#startedAt > PRINT_WAIT_AFTER_MS) {
      this.#hasPrinted = true;
      this.#print('waiting for another migration of this database');
    }
  }
}
