import { parseArgs } from 'node:util';

const COMMANDS = ['inspect', 'migrate', 'verify', 'finalize', 'rollback'] as const;
export type CommandName = (typeof COMMANDS)[number];

export interface Arguments {
  command: CommandName;
  json: boolean;
  dryRun: boolean;
  strict: boolean;
  discardNew: boolean;
  yes: boolean;
  batchSize: number;
}

/** An invalid command line. */
export class UsageError extends Error {}

export const HELP = `Usage: npm run legacy -- <command> [options]

Migrates the v1 database at DATABASE_URL to the current schema. docs/CUTOVER.md is the runbook.

Commands:
  inspect                shows the state of the database and what a migration would change; changes nothing
  migrate                moves the v1 tables to the schema "legacy" and copies their rows; resumes an interrupted run
  verify                 checks that every v1 row was copied correctly; changes nothing
  rollback               restores the v1 tables and drops the current ones
  finalize               verifies again, then drops the schema "legacy" permanently

Options:
  --json                 inspect, verify: prints the report as JSON; \`npm run -s legacy\` leaves out the lines of npm
  --dry-run              migrate, rollback, finalize: runs in one transaction that is rolled back; locks the tables
                         until it ends
  --strict               verify: treats writes since the migration as differences
  --discard-new          rollback: discards the rows written since the migration
  --yes                  finalize: does not ask for confirmation
  --batch-size <rows>    migrate, verify, rollback, finalize: rows per batch, 50000 by default
  --help                 prints this text

Exit codes: 0 success or nothing to do; 1 rejected, failed or differences found; 2 invalid command line.
`;

const ALLOWED_OPTIONS: Record<CommandName, string[]> = {
  inspect: ['json'],
  migrate: ['dry-run', 'batch-size'],
  verify: ['json', 'strict', 'batch-size'],
  rollback: ['dry-run', 'discard-new', 'batch-size'],
  finalize: ['dry-run', 'yes', 'batch-size'],
};
/** Rows. A batch is one transaction, so this bounds its duration and the work that an interruption loses. */
const MAX_BATCH_SIZE = 1_000_000;

/**
 * Parses a command line. Returns undefined for --help.
 * @throws UsageError
 */
export function parseArguments(argv: readonly string[]): Arguments | undefined {
  const { values, positionals } = parse(argv);
  if (values.help) return undefined;
  const { 'dry-run': dryRun, 'discard-new': discardNew, 'batch-size': batchSize = '50000', ...flags } = values;
  const command = parseCommand(positionals);
  const unsupported = Object.keys(values).find((option) => !ALLOWED_OPTIONS[command].includes(option));
  if (unsupported !== undefined) throw new UsageError(`The command ${command} does not support --${unsupported}.`);
  return {
    command,
    json: flags.json === true,
    dryRun: dryRun === true,
    strict: flags.strict === true,
    discardNew: discardNew === true,
    yes: flags.yes === true,
    batchSize: parseBatchSize(batchSize),
  };
}

function parseCommand([name, ...rest]: readonly string[]): CommandName {
  const command = COMMANDS.find((known) => known === name);
  if (name === undefined) throw new UsageError(`No command given, expected one of ${COMMANDS.join(', ')}.`);
  if (command === undefined) throw new UsageError(`Unknown command "${name}", expected one of ${COMMANDS.join(', ')}.`);
  if (rest.length > 0) throw new UsageError(`Unexpected argument "${rest.join(' ')}" after the command ${name}.`);
  return command;
}

function parse(argv: readonly string[]) {
  const flag = { type: 'boolean' } as const;
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        json: flag,
        'dry-run': flag,
        strict: flag,
        'discard-new': flag,
        yes: flag,
        help: { ...flag, short: 'h' },
        'batch-size': { type: 'string' },
      },
    });
  } catch (error) {
    // Keeps only the first sentence: Node.js then explains how to pass the option as a positional argument.
    throw new UsageError(`${(error as Error).message.split('. ')[0]}.`);
  }
}

function parseBatchSize(text: string): number {
  const rows = /^\d{1,7}$/.test(text) ? Number(text) : 0;
  if (rows >= 1 && rows <= MAX_BATCH_SIZE) return rows;
  throw new UsageError(`--batch-size is "${text}", expected a whole number from 1 to ${MAX_BATCH_SIZE}.`);
}
