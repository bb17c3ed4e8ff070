import type { PendingQuery, Row, TransactionSql } from 'postgres';
import { sql } from './database.ts';

/**
 * Inserts a row in a transaction that locks the user's row and counts. It pipelines the lock and the count: PostgreSQL
 * executes them in this order.
 */
export function insertWithinLimit<Created extends Row>(
  { table, userId, limit }: { table: string; userId: string; limit: number },
  insert: (tx: TransactionSql) => PendingQuery<[Created]>,
): Promise<Created> {
  return sql.begin(async (tx) => {
    const [, [owned]] = await Promise.all([
      tx`select from auth_users where id = ${userId} for update`,
      tx`select count(*)::int as count from ${tx(table)} where auth_user_id = ${userId}`,
    ]);
    if (owned?.count >= limit) throw new Error(`Maximum number of ${table} (${limit}) reached`);
    const [created] = await insert(tx);
    return created;
  }) as Promise<Created>;
}
