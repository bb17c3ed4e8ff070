import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';
import { type AdminConnection, lockInTransaction, type Sql } from './admin-connection.ts';

const LOCK_NOT_AVAILABLE = '55P03';
/**
 * How long a statement of a migration waits for a lock, in milliseconds: the requests that need the same table queue behind
 * it, and must not fail.
 */
const LOCK_TIMEOUT_MS = 300;
/** Average pause before the next attempt, in which the requests that waited can run. */
const PAUSE_MS = 1000;
/** How long a migration is tried again for want of a lock. */
const RETRY_FOR_MS = 120_000;
/**
 * How long an attempt waits for another migration, in milliseconds; there is no limit on attempts. A longer wait would hold
 * a snapshot, which `create index concurrently` in the other migration waits for.
 */
const ADVISORY_LOCK_TIMEOUT_MS = 1000;
/** When a migration prints that it waits for another one. */
const PRINT_WAIT_AFTER_MS = 10_000;

export type Print = (line: string) => void;

/**
 * Runs `work` in a transaction that holds the advisory lock, with no time limit but that of locks. After a lock timeout it
 * runs again in a new transaction, for up to two minutes.
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
      return (await connection.begin(async (tx) => {
        await beginWithoutLimits(tx);
        await lockInTransaction(tx);
        isLocked = true;
        await tx.unsafe(`set local lock_timeout = ${LOCK_TIMEOUT_MS}`);
        return work(tx);
      })) as Result;
    } catch (error) {
      if (!(error instanceof postgres.PostgresError) || error.code !== LOCK_NOT_AVAILABLE) throw error;
      await (isLocked ? wait.forTable(error) : wait.forOtherMigration());
    }
  }
}

/** NOTE: all of it ends with the transaction, as a pooler requires. */
async function beginWithoutLimits(tx: Sql): Promise<void> {
  await tx.unsafe(`
    set local statement_timeout = 0;
    set local idle_in_transaction_session_timeout = 0;
    set local lock_timeout = ${ADVISORY_LOCK_TIMEOUT_MS}`);
  await tx`select set_config(name, '0', true) from pg_catalog.pg_settings where name = 'transaction_timeout'`;
}

class LockWait {
  readonly #print: Print;
  readonly #startedAt = performance.now();
  #tableWaitStartedAt: number | undefined;
  #hasPrinted = false;

  constructor(print: Print) {
    this.#print = print;
  }

  async forTable(error: Error): Promise<void> {
    this.#tableWaitStartedAt ??= performance.now();
    const seconds = Math.round((performance.now() - this.#tableWaitStartedAt) / 1000);
    if (seconds * 1000 >= RETRY_FOR_MS) {
      throw new Error(
        `another transaction has held a lock on a table for ${seconds} s: end it, or run the migration again later`,
        { cause: error },
      );
    }
    this.#print(`a table is locked by another transaction; trying again since ${seconds} s`);
    await sleep(PAUSE_MS * (0.5 + Math.random()));
  }

  async forOtherMigration(): Promise<void> {
    if (!this.#hasPrinted && performance.now() - this.#startedAt > PRINT_WAIT_AFTER_MS) {
      this.#hasPrinted = true;
      this.#print('waiting for another migration of this database');
    }
  }
}
