import { CliError } from '../dev/lib/cli-error.ts';
import { closeOnSignal } from '../dev/lib/close-on-signal.ts';
import { print, printError } from '../dev/lib/output.ts';
import { help, type Options, readOptions } from './lib/options.ts';
import { prepare } from './lib/prepare.ts';
import { NAMES, run } from './lib/run.ts';
import { writeDocument } from './report/document.ts';

const stack = new AsyncDisposableStack();

async function main(options: Options): Promise<void> {
  if (options.help) return print(help(NAMES));
  if (options.report) return writeDocument(NAMES);
  await prepare();
  closeOnSignal(() => stack.disposeAsync());
  await run(options, stack);
}

try {
  await main(readOptions(process.argv.slice(2)));
} catch (error) {
  // Being stopped, what runs fails, and the signal's handler ends this process.
  if (!stack.disposed) {
    const isTheirs = error instanceof CliError || error instanceof TypeError;
    printError(isTheirs ? error.message : String((error as Error).stack));
    process.exitCode = 1;
  }
} finally {
  await stack.disposeAsync();
}
