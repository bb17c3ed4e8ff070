import type { Db } from './client.ts';
import { eq, sql } from './drizzle.ts';
import { authUsers } from './schema.ts';
import { statement } from './statement.ts';

const lockStatement = statement((tx) =>
  tx
    .select({ id: authUsers.id })
    .from(authUsers)
    .where(eq(authUsers.id, sql.placeholder('id')))
    .for('update')
    .prepare('lock_auth_user'),
);

const insertStatement = statement((tx) =>
  tx
    .insert(authUsers)
    .values({ id: sql.placeholder('id') })
    .onConflictDoNothing()
    .prepare('insert_auth_user'),
);

/**
 * Makes this person's writes wait for one another until the transaction ends. Their token proved that they exist, so
 * the first write leaves a reference to them.
 */
export async function lockAuthUser(tx: Db, id: string): Promise<void> {
  const locked = await lockStatement(tx).execute({ id });
  if (locked.length > 0) return;
  await insertStatement(tx).execute({ id });
  await lockStatement(tx).execute({ id });
}
