import { AppError } from '../errors.ts';
import type { Db } from './client.ts';
import { sqlState } from './errors.ts';
import { idempotencyKeys } from './schema/idempotency-keys.ts';

const UNDEFINED_TABLE = '42P01';

/**
 * Rejects unless the database responds and is migrated.
 * @throws SERVICE_UNAVAILABLE whose message is the reason, when a table is missing
 */
export async function pingDatabase(db: Db): Promise<void> {
  try {
    await db.select({ key: idempotencyKeys.key }).from(idempotencyKeys).limit(0);
  } catch (cause) {
    if (sqlState(cause) !== UNDEFINED_TABLE) throw cause;
    throw new AppError('SERVICE_UNAVAILABLE', 'the database is not migrated', { cause });
  }
}
