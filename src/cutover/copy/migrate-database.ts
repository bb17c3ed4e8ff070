import type { AdminConnection, Sql } from '../../db/admin-connection.ts';
import { applyMigrations } from '../../db/migrations.ts';
import { CutoverError } from '../cutover-error.ts';
import { requireNoService } from '../postgres/sessions.ts';
import { createTransactionRunner, runAndRollBack, type TransactionRunner } from '../postgres/transactions.ts';
import {
  findMigration,
  type Migration,
  requireMigration,
  STEPS,
  type Step,
  updateStep,
} from '../state/migration-state.ts';
import type { BatchOptions } from '../v1/batches.ts';
import { detectLayout } from '../v1/detect-layout.ts';
import type { V1Layout } from '../v1/layout.ts';
import type { Verification } from '../verify/verification.ts';
import { verifyMigration } from '../verify/verify-migration.ts';
import type { CopyOptions } from './copy-batches.ts';
import { copyRows, copyUsers } from './copy-rows.ts';
import { type MigrationSummary, summarizeMigration } from './migration-summary.ts';
import { moveTables } from './move-tables.ts';
import { setCounters } from './set-counters.ts';

export type MigrationStage = Exclude<Step, 'done'> | 'move tables' | 'resume';

interface MigrateOptions extends BatchOptions {
  dryRun: boolean;
  onStep(stage: MigrationStage): void;
}

export type MigrationResult =
  | { kind: 'nothing to do'; reason: 'current' | 'already migrated' }
  | { kind: 'migrated'; summary: MigrationSummary }
  | { kind: 'dry run'; summary: MigrationSummary; verification: Verification };

const STEP_HANDLERS: Record<
  Exclude<Step, 'done'>,
  (runner: TransactionRunner, options: CopyOptions) => Promise<void>
> = {
  people: copyUsers,
  badges: (runner, options) => copyRows(runner, 'badges', options),
  learning_goals: (runner, options) => copyRows(runner, 'learning_goals', options),
  analyze: setCounters,
};

/**
 * Migrates a v1 database to the current schema, or resumes an interrupted migration.
 * @throws CutoverError when the database is not a v1 database or is in use
 */
export async function migrateDatabase(connection: AdminConnection, options: MigrateOptions): Promise<MigrationResult> {
  const existing = await findMigration(connection);
  if (existing?.step === 'done') return { kind: 'nothing to do', reason: 'already migrated' };
  const layout = existing?.layout ?? (await requireV1Layout(connection));
  if (layout === null) return { kind: 'nothing to do', reason: 'current' };
  await requireNoService(connection);
  const run = async (runner: TransactionRunner): Promise<MigrationSummary> => {
    options.onStep(existing === null ? 'move tables' : 'resume');
    // An earlier version may have started the migration: its tables lack the columns of later ones.
    await (existing === null ? moveTables(runner, layout) : runner.transaction(applyMigrations));
    await runSteps(runner, await requireMigration(runner.sql), options);
    return summarizeMigration(runner.sql);
  };
  if (options.dryRun) {
    return runAndRollBack(connection, async (runner) => {
      const summary = await run(runner);
      const verification = await verifyMigration(runner.sql, summary.migration, options);
      return { kind: 'dry run', summary, verification };
    });
  }
  return { kind: 'migrated', summary: await run(createTransactionRunner(connection)) };
}

/**
 * Returns null when the database has the current schema.
 * @throws CutoverError when the database is empty or has an unknown layout
 */
async function requireV1Layout(sql: Sql): Promise<V1Layout | null> {
  const detected = await detectLayout(sql);
  switch (detected.kind) {
    case 'v1':
      return detected.layout;
    case 'current':
      return null;
    case 'empty':
      throw new CutoverError('The database has no v1 tables. To set up a new database, run `npm run db:migrate`.');
    case 'unknown':
      throw new CutoverError(`The database does not match any known v1 layout: ${detected.problems.join('; ')}.`);
  }
}

async function runSteps(runner: TransactionRunner, migration: Migration, options: MigrateOptions): Promise<void> {
  const nextOf = (step: Step) => STEPS[STEPS.indexOf(step) + 1] ?? 'done';
  for (let { step } = migration; step !== 'done'; step = nextOf(step)) {
    options.onStep(step);
    await STEP_HANDLERS[step](runner, { ...options, migration });
    await runner.transaction((tx) => updateStep(tx, nextOf(step)));
  }
}
