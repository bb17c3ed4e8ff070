import type { Db } from './client.ts';
import { eq, sql } from './driver/drizzle.ts';
import { preparedQuery } from './query/prepared-query.ts';
import { authUsers } from './schema/auth-users.ts';

const columns = { id: authUsers.id };

const lockQuery = preparedQuery(columns, (tx) =>
  tx
    .select(columns)
    .from(authUsers)
    .where(eq(authUsers.id, sql.placeholder('id')))
    .for('update'),
);

const insertQuery = preparedQuery(columns, (tx) =>
  tx
    .insert(authUsers)
    .values({ id: sql.placeholder('id') })
    .onConflictDoNothing()
    .returning(columns),
);

/**
 * Locks the user's row until the transaction ends, so that the user's writes run one after another. The first write
 * inserts the row: a verified token proves that the user exists.
 */
export async function lockAuthUser(tx: Db, id: string): Promise<void> {
  const locked = await lockQuery(tx, { id });
  if (locked.length > 0) return;
  await insertQuery(tx, { id });
  await lockQuery(tx, { id });
}
