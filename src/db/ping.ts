import { AppError } from '../errors.ts';
import type { Db } from './client.ts';
import { sqlState } from './errors.ts';
import { findNewestColumn } from './migrations.ts';
import { preparedQuery } from './query/prepared-query.ts';

/** The reasons why a database that responds is not usable, by SQLSTATE. */
const REASONS: readonly [states: RegExp, reason: string][] = [
  [/^(42P01|42703)$/, 'the database is not migrated'],
  [/^28...$/, 'the database rejects the role'],
  [/^42501$/, 'the role lacks rights'],
  [/^3D000$/, 'the database does not exist'],
];

/** Selects no row of the newest column, which stays in later versions: their migrations only expand. */
const newestQuery = preparedQuery({}, () => {
  const { table, column } = findNewestColumn();
  return { toSQL: () => ({ sql: `select "${column}" from "${table}" limit 0`, params: [] }) };
});

/**
 * Rejects unless the database responds and has the newest migration of this version. A database with later ones is
 * accepted.
 * @throws SERVICE_UNAVAILABLE whose message is the reason, when a migration is missing or the database rejects the role
 */
export async function pingDatabase(db: Db): Promise<void> {
  try {
    await newestQuery(db, {});
  } catch (cause) {
    const state = sqlState(cause) ?? '';
    const reason = REASONS.find(([states]) => states.test(state))?.[1];
    throw reason === undefined ? cause : new AppError('SERVICE_UNAVAILABLE', reason, { cause });
  }
}
