import { say, saySorry } from '../dev/lib/say.ts';
import { closeOnSignal } from '../dev/lib/stop-signals.ts';
import { help, type Options, readOptions } from './lib/options.ts';
import { prepare } from './lib/prepare.ts';
import { NAMES, run } from './lib/run.ts';
import { writeDocument } from './report/document.ts';

async function main(options: Options): Promise<void> {
  if (options.help) return say(help(NAMES));
  if (options.report) return writeDocument(NAMES);
  prepare();
  await using stack = new AsyncDisposableStack();
  closeOnSignal(() => stack.disposeAsync());
  await run(options, stack);
}

try {
  await main(readOptions(process.argv.slice(2)));
} catch (error) {
  saySorry(error instanceof TypeError ? error.message : String((error as Error).stack));
  process.exitCode = 1;
}
