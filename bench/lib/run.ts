import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CliError } from '../../dev/lib/cli-error.ts';
import { print } from '../../dev/lib/output.ts';
import { rowsOf, writeDocument } from '../report/document.ts';
import { LONG, STUDIES } from '../studies/all.ts';
import { QUICK, WORKLOADS } from '../workloads/all.ts';
import { type Bench, openBench } from './bench.ts';
import { describeMachine, type Machine, presentLoad } from './machine.ts';
import type { Options } from './options.ts';
import { type Record, writeRecord } from './records.ts';
import { measure } from './rounds.ts';
import { plainTable } from './table.ts';

const PROFILES = fileURLToPath(new URL('../../.dev/bench/profiles', import.meta.url));

/** In the order in which they are run and shown. */
export const NAMES = [...WORKLOADS.map(({ name }) => name), ...STUDIES.keys()];

/**
 * Measures what the options ask for, and shows and keeps the figures. All that is started is stopped with `stack`.
 * @throws CliError for a name that is not known
 */
export async function run(options: Options, stack: AsyncDisposableStack): Promise<void> {
  const names = chosen(options);
  const load = presentLoad();
  const profiles = options.profile ? PROFILES : undefined;
  if (options.profile) rmSync(PROFILES, { recursive: true, force: true });
  const bench = await openBench({ ...options, profiles }, stack);
  const machine = describeMachine(bench, load);
  for (const name of names) {
    const record = await makeRecord(bench, { name, options, machine });
    print(`\n${record.result.title}\n${plainTable(rowsOf(record))}`);
    if (record.kind === 'study') print(record.result.facts.join('\n'));
    writeRecord(record, options.isDraft);
  }
  if (!options.isDraft) writeDocument(NAMES);
  if (options.profile) print(`\nThe profiles are in ${PROFILES}, a folder for each server.`);
}

function chosen({ quick, long, only }: Options): string[] {
  const unknown = only?.find((name) => !NAMES.includes(name));
  if (unknown !== undefined) throw new CliError(`There is no "${unknown}": ${NAMES.join(', ')}.`);
  if (only !== undefined) return NAMES.filter((name) => only.includes(name));
  if (quick) return QUICK;
  return NAMES.filter((name) => long || !LONG.includes(name));
}

interface Task {
  name: string;
  options: Options;
  machine: Machine;
}

async function makeRecord(bench: Bench, { name, options, machine }: Task): Promise<Record> {
  const study = STUDIES.get(name);
  if (study !== undefined) {
    const result = await study(bench);
    return 'lines' in result ? { name, machine, kind: 'study', result } : { name, machine, kind: 'table', result };
  }
  const workload = WORKLOADS.find((one) => one.name === name);
  if (workload === undefined) throw new CliError(`There is no "${name}".`);
  const result = await measure(bench, workload, { ...options, only: options.servers });
  return { name, machine, kind: 'workload', result };
}
