import type { AdminConnection, Sql } from '../../db/admin-connection.ts';
import { listMigratedTables } from '../../db/migrations.ts';
import { CutoverError } from '../cutover-error.ts';
import { requireNoService } from '../postgres/sessions.ts';
import { withTablesLocked } from '../postgres/table-locks.ts';
import { createTransactionRunner, runAndRollBack, type TransactionRunner } from '../postgres/transactions.ts';
import { dropLegacySchema } from '../state/legacy-schema.ts';
import { type Migration, requireMigration } from '../state/migration-state.ts';
import { moveBack, movedTableNames } from '../state/moved-objects.ts';
import type { BatchOptions } from '../v1/batches.ts';
import { trackedQueries } from '../verify/tracked-data.ts';
import { countServiceChanges, isVerified, type Verification } from '../verify/verification.ts';
import { verifyMigration } from '../verify/verify-migration.ts';

interface RollbackOptions extends BatchOptions {
  dryRun: boolean;
  /** Discards the rows written since the migration, without checking for them. */
  discardNew: boolean;
}

/**
 * Moves the v1 tables back and drops the current tables. Works from every step of the migration.
 * @throws CutoverError when rows were written since the migration and `discardNew` is not set
 */
export async function rollback(connection: AdminConnection, options: RollbackOptions): Promise<Migration> {
  const migration = await requireMigration(connection);
  await requireNoService(connection);
  const run = async (runner: TransactionRunner) => {
    const newTables = await listMigratedTables(runner.sql);
    const migrated: Migrated = { migration, newTables };
    const fingerprint = options.discardNew ? null : await getWriteFingerprint(runner.sql, migrated);
    if (!options.discardNew) requireNoWrites(await verifyMigration(runner.sql, migration, options));
    const v1Tables = movedTableNames(migration.movedObjects).map((name) => `legacy.${name}`);
    const tables = [...v1Tables, ...newTables.map((name) => `public.${name}`)];
    await withTablesLocked(runner, tables, async (tx) => {
      if (fingerprint !== null && (await getWriteFingerprint(tx, migrated)) !== fingerprint) {
        throw new CutoverError('Rows were written during the check for new rows. Stop the service and try again.');
      }
      await restoreV1(tx, migrated);
    });
  };
  if (options.dryRun) await runAndRollBack(connection, run);
  else await run(createTransactionRunner(connection));
  return migration;
}

interface Migrated {
  migration: Migration;
  /** The tables of `public` that the applied migrations have created. Version 2.0.0 has fewer than later versions. */
  newTables: readonly string[];
}

function requireNoWrites(verification: Verification): void {
  if (isVerified(verification, { strict: true })) return;
  const { users, definitions, others } = verification.tracked;
  const written = verification.tables.flatMap((table) => {
    const changed = countServiceChanges(table);
    return [
      ...(table.newRows > 0 ? [`${table.newRows} new in ${table.table}`] : []),
      ...(changed > 0 ? [`${changed} changed or deleted in ${table.table}`] : []),
    ];
  });
  if (verification.newUsers > 0) written.push(`${verification.newUsers} new in auth_users`);
  if (users > 0) written.push(`tracked data of ${users} users`);
  if (definitions > 0) written.push(`${definitions} in badge_definitions`);
  if (others > 0) written.push(`${others} in tables that v1 does not have`);
  if (!isVerified(verification, { strict: false })) {
    written.push('rows that differ for other reasons (see `npm run legacy -- verify`)');
  }
  throw new CutoverError(
    `Rows were written since the migration: ${written.join(', ')}. The v1 tables do not contain these writes. ` +
      'To discard them and restore the v1 tables, pass --discard-new.',
  );
}

/** Returns a value that changes with every write of the service. Cheaper than a verification. */
async function getWriteFingerprint(sql: Sql, { migration: { maxV1Ids }, newTables }: Migrated): Promise<string> {
  const { versions, revision, others } = trackedQueries(sql, newTables);
  const [row] = await sql<{ fingerprint: string }[]>`
    select concat_ws(' ',
      (select count(*) from public.badges where id > ${maxV1Ids.badges}::bigint),
      (select count(*) from public.learning_goals where id > ${maxV1Ids.learning_goals}::bigint),
      (select sum(version) from public.learning_goals),
      (${versions}),
      (${revision}),
      (${others}),
      (select count(*) from legacy.deletions),
      (select count(*) from public.auth_users)) as fingerprint`;
  return row?.fingerprint ?? '';
}

async function restoreV1(
  tx: Sql,
  { migration: { movedObjects, hadDrizzleSchema }, newTables }: Migrated,
): Promise<void> {
  const tables = newTables.map((name) => `public."${name}"`);
  await tx.unsafe(`drop table ${tables.join(', ')}`);
  await tx`drop function if exists public.forget_counter()`;
  await tx`drop table drizzle.__drizzle_migrations`;
  if (!hadDrizzleSchema) await tx`drop schema drizzle`;
  for (const object of movedObjects) await moveBack(tx, object);
  await dropLegacySchema(tx);
}
