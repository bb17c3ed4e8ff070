import type { SQL } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import { lockAuthUser } from './auth-users.ts';
import type { Db } from './client.ts';
import { and, eq, sql } from './driver/drizzle.ts';
import type { CountPerUser } from './query/count-per-user.ts';
import type { UserOwnedTable } from './query/list-per-user.ts';
import { preparedQuery } from './query/prepared-query.ts';
import { valuePerUser } from './query/value-per-user.ts';
import { authUsers } from './schema/auth-users.ts';
import { badges } from './schema/badges.ts';
import { learningGoals } from './schema/goals.ts';
import { inTransaction } from './transaction.ts';

/** A counter of `auth_users` and the table whose rows it counts. */
export interface Counter {
  /** The column, and its name in drizzle's table. */
  column: PgColumn;
  name: 'badgeCount' | 'goalCount';
  of: UserOwnedTable;
  /** The rows of the table that count; all by default. */
  where?: SQL;
}

export const badgeCounter: Counter = {
  column: authUsers.badgeCount,
  name: 'badgeCount',
  of: badges,
  where: sql`${badges.status} = 'active'`,
};
export const goalCounter: Counter = { column: authUsers.goalCount, name: 'goalCount', of: learningGoals };
export const COUNTERS: readonly Counter[] = [badgeCounter, goalCounter];

/**
 * A condition that is always true. Its evaluation sets a variable of the transaction, with which the triggers leave the
 * counters to the statement itself. The statement evaluates it before it inserts, deletes or updates a row that counts.
 */
export const marksAsCounting = sql`set_config('user_service.writer', 'counting', true) = 'counting'`;

/** Returns the name of a column alone, as `insert` and `set` require it. */
export function nameOf(column: PgColumn) {
  return sql.identifier(column.name);
}

/** Returns a function that reads a user's counter: null when it is unknown, undefined for a user without a row. */
export function counterReader({ column }: Counter): (db: Db, userId: string) => Promise<number | null | undefined> {
  const columns = { count: column };
  const query = preparedQuery(columns, (db) =>
    db
      .select(columns)
      .from(authUsers)
      .where(eq(authUsers.id, sql.placeholder('userId'))),
  );
  return async (db, userId) => (await query(db, { userId }))[0]?.count as number | null | undefined;
}

/**
 * Returns a function that returns the number of each user's rows, in the order of the user ids, with one query. It
 * reads the counter, or counts the rows where the counter is unknown.
 */
export function totalPerUser(counter: Counter): CountPerUser {
  const counted = countOf(counter, sql`${authUsers.id}`);
  const count = sql<number>`coalesce(${counter.column}, ${counted})`.mapWith(Number);
  return valuePerUser({ count }, (row) => row?.count ?? 0);
}

const recountColumns = { id: authUsers.id };
const recountQuery = preparedQuery(recountColumns, (tx) =>
  tx
    .update(authUsers)
    .set(
      Object.fromEntries(
        COUNTERS.map((counter) => [counter.name, countOf(counter, sql`${sql.placeholder('userId')}`)]),
      ),
    )
    .where(eq(authUsers.id, sql.placeholder('userId')))
    .returning(recountColumns),
);

/**
 * Counts the user's rows and sets the counters. The user's row is locked before the statement that counts, whose
 * snapshot then has every row of the transactions that held the lock before.
 */
export async function recount(db: Db, userId: string): Promise<void> {
  await inTransaction(db, async (tx) => {
    await lockAuthUser(tx, userId);
    await recountQuery(tx, { userId });
  });
}

/** Returns the expression that counts the rows of a user. */
function countOf({ of, where }: Counter, userId: SQL): SQL<number> {
  return sql<number>`(select count(*)::int from ${of} where ${and(sql`${of.authUserId} = ${userId}`, where)})`;
}
