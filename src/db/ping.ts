import { AppError } from '../errors.ts';
import type { Db } from './client.ts';
import { sqlState } from './errors.ts';
import { badgeBackfills } from './schema/badge-backfills.ts';

const UNDEFINED_TABLE = '42P01';
const UNDEFINED_COLUMN = '42703';

/** A table or column that the newest migration has added. It stays in later versions, whose migrations only expand. */
const newest = { table: badgeBackfills, columns: { id: badgeBackfills.id } };

/**
 * Rejects unless the database responds and has the newest migration of this version. A database with later ones is accepted.
 * @throws SERVICE_UNAVAILABLE whose message is the reason, when a migration is missing
 */
export async function pingDatabase(db: Db): Promise<void> {
  try {
    await db.select(newest.columns).from(newest.table).limit(0);
  } catch (cause) {
    const state = sqlState(cause);
    if (state !== UNDEFINED_TABLE && state !== UNDEFINED_COLUMN) throw cause;
    throw new AppError('SERVICE_UNAVAILABLE', 'the database is not migrated', { cause });
  }
}
