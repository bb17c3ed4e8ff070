import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CliError } from '../../dev/lib/cli-error.ts';
import { print } from '../../dev/lib/output.ts';
import { checkoutCommit } from '../environment/checkout-commit.ts';
import { type Environment, startEnvironment } from '../environment/environment.ts';
import { describeMachine, loadAverage, type Machine } from '../environment/machine.ts';
import { measureWorkload } from '../measurement/measure-workload.ts';
import { checkoutName } from '../processes/programs.ts';
import { writePerformancePage } from '../report/performance-page.ts';
import { notesOf, type ResultFile, writeResultFile } from '../report/result-files.ts';
import { plainTable, tableRows } from '../report/tables.ts';
import { LONG_STUDIES, STUDIES } from '../studies/registry.ts';
import { QUICK_WORKLOADS, WORKLOADS } from '../workloads/registry.ts';
import type { Options } from './options.ts';

const PROFILES = fileURLToPath(new URL('../../.dev/bench/profiles', import.meta.url));

/** The workloads and studies, in the order in which they run and appear in the report. */
export const BENCHMARKS = [...WORKLOADS.map(({ name }) => name), ...STUDIES.keys()];

/**
 * Runs the selected workloads and studies, prints their results and writes them. Disposing `stack` stops all processes.
 * @throws CliError for an unknown name
 */
export async function runBenchmarks(options: Options, stack: AsyncDisposableStack): Promise<void> {
  const names = selectBenchmarks(options);
  const loadBefore = loadAverage();
  const profiles = options.profile ? PROFILES : undefined;
  if (options.profile) rmSync(PROFILES, { recursive: true, force: true });
  const { serviceDirs, servers } = selectVersions(options);
  const environment = await startEnvironment({ serviceDirs, profiles }, stack);
  const machine = describeMachine(environment, loadBefore);
  for (const name of names) {
    const file = await runBenchmark(environment, { name, options: { ...options, servers }, machine });
    print(`\n${file.result.title}\n${plainTable(tableRows(file))}`);
    for (const note of notesOf(file)) print(note);
    writeResultFile(file, options);
  }
  if (options.publish) writePerformancePage(BENCHMARKS);
  if (options.profile) print(`\nCPU profiles: ${PROFILES}, with a folder for each server.`);
}

function selectBenchmarks({ quick, long, only, compare }: Options): string[] {
  // Studies measure a fixed set of servers, without other versions of the service.
  const available = compare.length > 0 ? BENCHMARKS.filter((name) => !STUDIES.has(name)) : BENCHMARKS;
  const unknown = only?.find((name) => !available.includes(name));
  if (unknown !== undefined) throw new CliError(`--only accepts ${available.join(', ')}, but not "${unknown}".`);
  if (only !== undefined) return available.filter((name) => only.includes(name));
  if (quick) return QUICK_WORKLOADS;
  return available.filter((name) => long || !LONG_STUDIES.includes(name));
}

/**
 * Returns the checkouts of other versions and the servers to measure: with `--compare` only versions of the service.
 */
function selectVersions({ compare, serviceDirs, servers }: Options): Pick<Options, 'serviceDirs' | 'servers'> {
  if (compare.length === 0) return { serviceDirs, servers };
  const folders = [...serviceDirs, ...compare.map(checkoutCommit)];
  return { serviceDirs: folders, servers: servers ?? ['service', ...folders.map(checkoutName)] };
}

interface Task {
  name: string;
  options: Options;
  machine: Machine;
}

async function runBenchmark(environment: Environment, { name, options, machine }: Task): Promise<ResultFile> {
  const study = STUDIES.get(name);
  if (study !== undefined) {
    const result = await study(environment);
    return 'series' in result ? { name, machine, kind: 'chart', result } : { name, machine, kind: 'table', result };
  }
  const workload = WORKLOADS.find((one) => one.name === name);
  if (workload === undefined) throw new CliError(`"${name}" is not a workload or study.`);
  return { name, machine, kind: 'workload', result: await measureWorkload(environment, workload, options) };
}
