import type { Db } from './client.ts';
import { idempotencyKeys } from './schema/idempotency-keys.ts';

/** Rejects unless the database responds and is migrated. */
export async function pingDatabase(db: Db): Promise<void> {
  await db.select({ key: idempotencyKeys.key }).from(idempotencyKeys).limit(0);
}
