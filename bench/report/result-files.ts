import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Machine } from '../environment/machine.ts';
import type { WorkloadResult } from '../measurement/results.ts';
import type { ChartResult, TableResult } from '../studies/study.ts';

const RESULTS = fileURLToPath(new URL('../results/', import.meta.url));
const UNPUBLISHED = fileURLToPath(new URL('../../.dev/bench/results/', import.meta.url));

/** A file in `bench/results`: the last published result of a workload or study. */
export type ResultFile = { name: string; machine: Machine } & (
  | { kind: 'workload'; result: WorkloadResult }
  | { kind: 'chart'; result: ChartResult }
  | { kind: 'table'; result: TableResult }
);

/** Writes a result to `bench/results`, or to `.dev/bench/results` when it is not published. */
export function writeResultFile(file: ResultFile, { publish }: { publish: boolean }): void {
  const folder = publish ? RESULTS : UNPUBLISHED;
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}${file.name}.json`, `${JSON.stringify(file, roundNumbers, 2)}\n`);
}

export function readResultFiles(): ResultFile[] {
  const names = readdirSync(RESULTS).filter((name) => name.endsWith('.json'));
  return names.map((name) => JSON.parse(readFileSync(RESULTS + name, 'utf8')));
}

/** Returns the sentences about values that the chart or table does not show. */
export function notesOf(file: ResultFile): readonly string[] {
  return file.kind === 'workload' ? [] : (file.result.notes ?? []);
}

/** Keeps six significant digits, which is more than the precision of the measurements. */
function roundNumbers(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(6)) : value;
}
