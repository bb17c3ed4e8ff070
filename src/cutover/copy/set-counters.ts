import type { Sql } from '../../db/admin-connection.ts';
import { LOCK_TIMEOUT_MS } from '../../db/lock-retries.ts';
import { counterBatches, repairCounters } from '../../db/repair-counters.ts';
import type { TransactionRunner } from '../postgres/transactions.ts';
import type { CopyOptions } from './copy-batches.ts';

/** Names the work in the progress. */
const LABEL = 'counters of users';

/**
 * Collects the planner's statistics, and sets the counters of all users in batches. The service may write at the same
 * time. An interrupted step starts again, and leaves right counters alone. A batch waits 300 ms for the lock of a user,
 * and then releases its locks and is repeated, for up to two minutes.
 * @throws Error when another transaction holds a lock for longer
 */
export async function setCounters(runner: TransactionRunner, { onProgress, print }: CopyOptions): Promise<void> {
  await runner.transaction((tx) => tx`analyze public.auth_users, public.badges, public.learning_goals`);
  const rowsTotal = await countUsers(runner.sql);
  const repairBatch = (after: string) =>
    runner.transaction(async (tx) => {
      await tx`select set_config('lock_timeout', ${String(LOCK_TIMEOUT_MS)}, true)`;
      return repairCounters(tx, after);
    });
  let rowsRead = 0;
  onProgress(LABEL, { rowsRead, rowsTotal });
  for await (const users of counterBatches(print, repairBatch)) {
    rowsRead += users.length;
    onProgress(LABEL, { rowsRead, rowsTotal });
  }
}

async function countUsers(sql: Sql): Promise<number> {
  const [row] = await sql<{ users: number }[]>`select count(*)::int as users from public.auth_users`;
  return row?.users ?? 0;
}
