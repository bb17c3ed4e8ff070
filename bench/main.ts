import { CliError } from '../dev/lib/cli-error.ts';
import { closeOnSignal } from '../dev/lib/close-on-signal.ts';
import { print, printError } from '../dev/lib/output.ts';
import { helpText, type Options, readOptions } from './cli/options.ts';
import { preflight } from './cli/preflight.ts';
import { BENCHMARKS, runBenchmarks } from './cli/run-benchmarks.ts';
import { writePerformancePage } from './report/performance-page.ts';

const stack = new AsyncDisposableStack();

async function main(options: Options): Promise<void> {
  if (options.help) return print(helpText(BENCHMARKS));
  if (options.report) return writePerformancePage(BENCHMARKS);
  await preflight();
  closeOnSignal(() => stack.disposeAsync());
  await runBenchmarks(options, stack);
}

try {
  await main(readOptions(process.argv.slice(2)));
} catch (error) {
  // After a signal the work in progress fails, and the signal handler exits.
  if (!stack.disposed) {
    printError(error instanceof CliError ? error.message : String((error as Error).stack));
    process.exitCode = 1;
  }
} finally {
  await stack.disposeAsync();
}
