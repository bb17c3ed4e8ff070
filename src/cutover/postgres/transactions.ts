import { type AdminConnection, holdsDatabaseLock, READ_COMMITTED, type Sql } from '../../db/admin-connection.ts';
import { CutoverError } from '../cutover-error.ts';

/** Runs the work of a command in transactions that commit or, in a dry run, in savepoints of one transaction. */
export interface TransactionRunner {
  /** For reads outside of a transaction. */
  sql: Sql;
  /** Runs `work` atomically. */
  transaction<Result>(work: (tx: Sql) => Promise<Result>): Promise<Result>;
}

/** Creates a runner that commits. A transaction fails after the session lost its connection and the advisory lock. */
export function createTransactionRunner(connection: AdminConnection): TransactionRunner {
  return {
    sql: connection,
    transaction: (work) =>
      connection.begin(READ_COMMITTED, async (tx) => {
        await requireDatabaseLock(tx);
        return work(tx);
      }) as Promise<never>,
  };
}

/** Runs `work` in one transaction, rolls the transaction back and returns the result. */
export async function runAndRollBack<Result>(
  connection: AdminConnection,
  work: (runner: TransactionRunner) => Promise<Result>,
): Promise<Result> {
  const completed: { result?: Result } = {};
  const rollback = new Error('rollback of a dry run');
  try {
    await connection.begin(READ_COMMITTED, async (tx) => {
      await requireDatabaseLock(tx);
      completed.result = await work({ sql: tx, transaction: (part) => tx.savepoint(part) as Promise<never> });
      throw rollback;
    });
  } catch (error) {
    if (error !== rollback) throw error;
  }
  return completed.result as Result;
}

async function requireDatabaseLock(tx: Sql): Promise<void> {
  if (await holdsDatabaseLock(tx)) return;
  throw new CutoverError('The connection to the database was lost. Run the command again.');
}
