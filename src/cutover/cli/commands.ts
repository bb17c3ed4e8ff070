import type { AdminConnection } from '../../db/admin-connection.ts';
import { type MigrationStage, migrateDatabase } from '../copy/migrate-database.ts';
import { CutoverError } from '../cutover-error.ts';
import { finalize } from '../finish/finalize.ts';
import { rollback } from '../finish/rollback.ts';
import { inspect } from '../inspect/inspect.ts';
import type { TableLimits } from '../inspect/warnings.ts';
import {
  formatSessions,
  listOtherSessions,
  lockDatabase,
  openCutoverSession,
  requireDirectConnection,
} from '../postgres/sessions.ts';
import { requireCompletedMigration } from '../state/migration-state.ts';
import type { BatchOptions } from '../v1/batches.ts';
import { isVerified } from '../verify/verification.ts';
import { verifyMigration } from '../verify/verify-migration.ts';
import type { Arguments, CommandName } from './arguments.ts';
import { formatInspection } from './inspection-report.ts';
import { formatMigration, formatRollback } from './migration-report.ts';
import { ProgressReporter } from './progress-reporter.ts';
import type { Terminal } from './terminal.ts';
import { formatVerification } from './verification-report.ts';

export interface CutoverSettings {
  databaseUrl: string;
  tableLimits: TableLimits;
}

interface CommandContext {
  connection: AdminConnection;
  tableLimits: TableLimits;
  args: Arguments;
  batchOptions: BatchOptions;
  progress: ProgressReporter;
  printReport(lines: readonly string[]): void;
  prompt: Terminal['prompt'];
}

const STEP_LABELS: Record<MigrationStage, string> = {
  resume: 'Resuming the migration',
  'move tables': 'Moving the v1 tables to the schema legacy and creating the new tables',
  people: 'Copying users',
  badges: 'Copying badges',
  learning_goals: 'Copying learning goals',
  analyze: 'Collecting planner statistics and setting the counters of users',
};

const COMMAND_HANDLERS: Record<CommandName, (context: CommandContext) => Promise<boolean>> = {
  async inspect({ connection, tableLimits, args, printReport }) {
    const inspection = await inspect(connection, tableLimits);
    printReport(args.json ? [toJson(inspection)] : formatInspection(inspection));
    return inspection.state !== 'unknown';
  },

  async migrate({ connection, args, batchOptions, progress, printReport }) {
    for (const { application, sessions } of await listOtherSessions(connection)) {
      progress.print(`Also connected: ${application}, ${formatSessions(sessions)}`);
    }
    if (args.dryRun) progress.print('Dry run: the v1 tables are locked until it ends');
    const result = await migrateDatabase(connection, {
      ...batchOptions,
      dryRun: args.dryRun,
      onStep: (step) => progress.print(STEP_LABELS[step]),
    });
    printReport(formatMigration(result));
    return result.kind !== 'dry run' || isVerified(result.verification, { strict: true });
  },

  async verify({ connection, args, batchOptions, printReport }) {
    const migration = await requireCompletedMigration(connection);
    const verification = await verifyMigration(connection, migration, batchOptions);
    const verified = isVerified(verification, args);
    printReport(args.json ? [toJson({ verified, ...verification })] : formatVerification(verification, args));
    return verified;
  },

  async rollback({ connection, args, batchOptions, printReport }) {
    const options = { ...batchOptions, dryRun: args.dryRun, discardNew: args.discardNew };
    printReport(formatRollback(await rollback(connection, options), args));
    return true;
  },

  async finalize(context) {
    const { connection, args, batchOptions, printReport } = context;
    const verified = await finalize(connection, {
      ...batchOptions,
      dryRun: args.dryRun,
      onVerification: (verification) => printReport(formatVerification(verification, { strict: false })),
      confirm: () => confirmFinalize(context),
    });
    if (!verified) return false;
    printReport([args.dryRun ? 'This was a dry run: the schema legacy still exists.' : 'Dropped the schema legacy.']);
    return true;
  },
};

async function confirmFinalize({ connection, args, prompt }: CommandContext): Promise<boolean> {
  if (args.yes) return true;
  const [database] = await connection<{ name: string }[]>`select current_database() as name`;
  const answer = await prompt(
    `This permanently drops the schema legacy of ${database?.name}: the v1 tables, the orphans and the originals.\n` +
      'Type the name of the database to continue: ',
  );
  if (answer === undefined) {
    throw new CutoverError('Cannot ask for confirmation: standard input is not a terminal. Pass --yes to confirm.');
  }
  return answer === database?.name;
}

/**
 * Commands that hold the advisory lock of the database from their start. `finalize` takes it after its verification.
 */
const EXCLUSIVE_COMMANDS: readonly CommandName[] = ['migrate', 'rollback'];

/**
 * Runs a command and returns whether it succeeded.
 * @throws CutoverError, or an error of the database
 */
export async function runCommand(
  { databaseUrl, tableLimits }: CutoverSettings,
  args: Arguments,
  terminal: Terminal,
): Promise<boolean> {
  const connection = await openCutoverSession(databaseUrl, args.command);
  try {
    await requireDirectConnection(connection);
    if (EXCLUSIVE_COMMANDS.includes(args.command)) await lockDatabase(connection);
    const progress = new ProgressReporter(terminal.progress);
    const succeeded = await COMMAND_HANDLERS[args.command]({
      connection,
      tableLimits,
      args,
      batchOptions: {
        batchSize: args.batchSize,
        onProgress: progress.update.bind(progress),
        print: progress.print.bind(progress),
      },
      progress,
      printReport: (lines) => terminal.report(lines.map((line) => `${line}\n`).join('')),
      prompt: terminal.prompt,
    });
    await releaseDatabaseLock(connection);
    return succeeded;
  } catch (error) {
    if (error instanceof CutoverError) await releaseDatabaseLock(connection);
    throw error;
  } finally {
    await connection.end({ timeout: 5 });
  }
}

/**
 * Releases the lock explicitly: after a disconnect the server keeps it for a moment, and would reject the next command.
 * After an unexpected error it is left to the server: the connection may be lost, and a query would open another one.
 */
async function releaseDatabaseLock(connection: AdminConnection): Promise<void> {
  await connection`select pg_advisory_unlock_all()`.catch(() => undefined);
}

function toJson(report: object): string {
  return JSON.stringify(report, null, 2);
}
