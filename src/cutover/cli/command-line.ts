import { CutoverError } from '../cutover-error.ts';
import { HELP, parseArguments, UsageError } from './arguments.ts';
import { type CutoverSettings, runCommand } from './commands.ts';
import { toErrorMessage } from './error-message.ts';
import type { Terminal } from './terminal.ts';

const EXIT_CODES = { success: 0, failure: 1, usage: 2 } as const;

const RECOVERY_HINT =
  'Incomplete transactions were rolled back. Run `npm run legacy -- inspect` to see the state and the next step.';

/** Runs a command line and returns its exit code. Errors are printed, not thrown. */
export async function runCommandLine(
  argv: readonly string[],
  terminal: Terminal,
  readSettings: () => CutoverSettings,
): Promise<number> {
  try {
    const args = parseArguments(argv);
    if (args === undefined) terminal.report(HELP);
    else if (!(await runCommand(readSettings(), args, terminal))) return EXIT_CODES.failure;
    return EXIT_CODES.success;
  } catch (error) {
    terminal.progress.write(`${toErrorMessage(error)}\n`);
    if (error instanceof UsageError) {
      terminal.progress.write('See `npm run legacy -- --help`.\n');
      return EXIT_CODES.usage;
    }
    if (!(error instanceof CutoverError)) terminal.progress.write(`${RECOVERY_HINT}\n`);
    return EXIT_CODES.failure;
  }
}
