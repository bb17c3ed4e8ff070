import { say, saySorry } from '../dev/lib/say.ts';
import { closeOnSignal } from '../dev/lib/stop-signals.ts';
import { openBench } from './lib/bench.ts';
import { HELP, type Options, readOptions } from './lib/options.ts';
import { prepare } from './lib/prepare.ts';
import { measure } from './lib/rounds.ts';
import { plainTable, workloadTable } from './lib/table.ts';
import { QUICK, WORKLOADS } from './workloads/all.ts';

async function run(options: Options): Promise<void> {
  prepare();
  await using stack = new AsyncDisposableStack();
  closeOnSignal(() => stack.disposeAsync());
  const bench = await openBench(options, stack);
  const chosen = options.workloads ?? (options.quick ? QUICK : WORKLOADS.map(({ name }) => name));
  for (const workload of WORKLOADS.filter(({ name }) => chosen.includes(name))) {
    const result = await measure(bench, workload, { ...options, only: options.servers });
    say(`\n${result.title}\n${plainTable(workloadTable(result))}`);
  }
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options.help) say(HELP);
  else await run(options);
} catch (error) {
  saySorry(String((error as Error).stack));
  process.exitCode = 1;
}
