import { isDeepStrictEqual } from 'node:util';
import type { AdminConnection, Sql } from '../../db/admin-connection.ts';
import { CutoverError } from '../cutover-error.ts';
import { listDependents } from '../postgres/dependencies.ts';
import { lockDatabase } from '../postgres/sessions.ts';
import { withTablesLocked } from '../postgres/table-locks.ts';
import { createTransactionRunner, runAndRollBack, type TransactionRunner } from '../postgres/transactions.ts';
import { dropDeletionTriggers, dropLegacySchema, LOGGED_TABLES } from '../state/legacy-schema.ts';
import { type Migration, requireCompletedMigration } from '../state/migration-state.ts';
import { movedTableNames } from '../state/moved-objects.ts';
import type { BatchOptions } from '../v1/batches.ts';
import { isVerified, type Verification } from '../verify/verification.ts';
import { verifyMigration } from '../verify/verify-migration.ts';

interface FinalizeOptions extends BatchOptions {
  dryRun: boolean;
  /** Called with the result of the verification, before the operator is asked. */
  onVerification(verification: Verification): void;
  /** Asks the operator after a successful verification. False ends the command without changes. */
  confirm(): Promise<boolean>;
}

/**
 * Verifies the migration and drops the v1 tables and the state. The service may run: of its tables, only the deletion
 * triggers are dropped. Returns false, and drops nothing, when the verification fails. Replicas that migrate at their
 * start wait for the advisory lock, so it is taken after the confirmation, and the conditions are checked again.
 * @throws CutoverError when the migration is incomplete, other objects depend on the v1 tables, the operator does not
 * confirm, or another session migrates
 */
export async function finalize(connection: AdminConnection, options: FinalizeOptions): Promise<boolean> {
  const migration = await requireCompletedMigration(connection);
  await requireNoDependents(connection, migration);
  const verification = await verifyMigration(connection, migration, options);
  options.onVerification(verification);
  if (!isVerified(verification, { strict: false })) return false;
  if (!options.dryRun && !(await options.confirm())) throw new CutoverError('Not confirmed: nothing was dropped.');
  await lockDatabase(connection);
  if (options.dryRun) await runAndRollBack(connection, (runner) => dropV1(runner, migration));
  else await dropV1(createTransactionRunner(connection), migration);
  return true;
}

/**
 * Throws unless the migration is the verified one. Another connection may have undone and repeated it before this one
 * took the lock.
 */
async function requireSameMigration(sql: Sql, verified: Migration): Promise<void> {
  if (isDeepStrictEqual(await requireCompletedMigration(sql), verified)) return;
  throw new CutoverError(
    'Another session migrated the database again after the verification: nothing was dropped. Run the command again.',
  );
}

async function requireNoDependents(sql: Sql, { movedObjects }: Migration): Promise<void> {
  const dependents = await listDependents(sql, { schema: 'legacy', tables: movedTableNames(movedObjects) });
  if (dependents.length === 0) return;
  throw new CutoverError(
    `Other objects depend on the v1 tables: ${dependents.join(', ')}. Drop or change them and run the command again.`,
  );
}

async function dropV1(runner: TransactionRunner, migration: Migration): Promise<void> {
  const { movedObjects } = migration;
  await requireSameMigration(runner.sql, migration);
  const v1Tables = movedTableNames(movedObjects).map((name) => `legacy.${name}`);
  await withTablesLocked(runner, [...v1Tables, ...LOGGED_TABLES], async (tx) => {
    await requireNoDependents(tx, migration);
    await dropDeletionTriggers(tx);
    // One statement, because the tables may reference one another or share a sequence.
    await tx.unsafe(`drop table ${v1Tables.join(', ')}`);
    for (const { kind, name } of movedObjects) if (kind === 'sequence') await tx`drop sequence legacy.${tx(name)}`;
    await dropLegacySchema(tx);
  });
}
