import { Refusal } from '../cutover-error.ts';
import { HELP, readArguments, UsageError } from './arguments.ts';
import { type Console, runCommand } from './commands.ts';
import { explainFailure } from './error-message.ts';

const EXIT = { done: 0, refused: 1, usage: 2 } as const;

const HOW_TO_GO_ON =
  'Nothing is half-done: `npm run legacy -- inspect` tells where the database is, and what can be done next.';

/** Does what a command line asks for and answers with the exit code; whatever goes wrong becomes a sentence. */
export async function runCommandLine(
  argv: readonly string[],
  console: Console,
  databaseUrl: () => string,
): Promise<number> {
  try {
    const args = readArguments(argv);
    if (args === undefined) console.report.write(HELP);
    else if (!(await runCommand(databaseUrl(), args, console))) return EXIT.refused;
    return EXIT.done;
  } catch (error) {
    console.progress.write(`${explainFailure(error)}\n`);
    if (error instanceof UsageError) {
      console.progress.write('`npm run legacy -- --help` tells more.\n');
      return EXIT.usage;
    }
    if (!(error instanceof Refusal)) console.progress.write(`${HOW_TO_GO_ON}\n`);
    return EXIT.refused;
  }
}
