import { AppError } from '../errors.ts';
import type { Db } from './client.ts';
import { isFatal, sqlState } from './errors.ts';
import { findNewestColumn } from './migrations.ts';
import { preparedQuery } from './query/prepared-query.ts';
import { textOrNull } from './query/prepared-sql.ts';

const NOT_MIGRATED = 'the database is not migrated';
const NO_RIGHTS = 'the role lacks rights';

/** The reasons why a database that responds is not usable, by SQLSTATE. */
const REASONS: readonly [states: RegExp, reason: string][] = [
  [/^42703$/, NOT_MIGRATED],
  [/^28...$/, 'the database rejects the role'],
  [/^42501$/, NO_RIGHTS],
  [/^3D000$/, 'the database does not exist'],
];
/** The SQLSTATEs of a connection with a setting that PostgreSQL does not have, or that has a wrong value. */
const REJECTED_SETTING = /^(42704|22023|55P02)$/;

/**
 * Finds whether the role may read the newest column, which stays in later versions: their migrations only expand. The
 * query reads the catalog, so that it does not wait for the lock of a table. It is null without the table, and fails
 * without the column.
 */
const newestQuery = preparedQuery({ mayRead: textOrNull }, () => {
  const { table, column } = findNewestColumn();
  const sql = `select has_column_privilege(to_regclass('"${table}"'), '${column}', 'select')::text`;
  return { toSQL: () => ({ sql, params: [] }) };
});

/**
 * Rejects unless the database responds and has the newest migration of this version. A database with later ones is
 * accepted.
 * @throws SERVICE_UNAVAILABLE whose message is the reason, when a migration is missing or the database rejects the role
 * or a parameter
 */
export async function pingDatabase(db: Db): Promise<void> {
  const [row] = await newestQuery(db, {}).catch((cause: unknown) => {
    const reason = reasonOf(cause);
    throw reason === undefined ? cause : new AppError('SERVICE_UNAVAILABLE', reason, { cause });
  });
  if (row?.mayRead === 'true') return;
  throw new AppError('SERVICE_UNAVAILABLE', row?.mayRead === 'false' ? NO_RIGHTS : NOT_MIGRATED);
}

function reasonOf(error: unknown): string | undefined {
  const state = sqlState(error) ?? '';
  if (isFatal(error) && REJECTED_SETTING.test(state)) return 'the database rejects a parameter of DATABASE_URL';
  return REASONS.find(([states]) => states.test(state))?.[1];
}
