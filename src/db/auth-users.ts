import type { Db } from './client.ts';
import { eq, sql } from './drizzle.ts';
import { authUsers } from './schema.ts';
import { statement } from './statement.ts';

const columns = { id: authUsers.id };

const lock = statement(columns, (tx) =>
  tx
    .select(columns)
    .from(authUsers)
    .where(eq(authUsers.id, sql.placeholder('id')))
    .for('update'),
);

const insert = statement(columns, (tx) =>
  tx
    .insert(authUsers)
    .values({ id: sql.placeholder('id') })
    .onConflictDoNothing()
    .returning(columns),
);

/**
 * Makes this person's writes wait for one another until the transaction ends. Their token proved that they exist, so
 * the first write leaves a reference to them.
 */
export async function lockAuthUser(tx: Db, id: string): Promise<void> {
  const locked = await lock(tx, { id });
  if (locked.length > 0) return;
  await insert(tx, { id });
  await lock(tx, { id });
}
