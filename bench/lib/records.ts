import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Machine } from './machine.ts';
import type { TableResult, WorkloadResult } from './result.ts';
import type { Study } from './study.ts';

const RESULTS = fileURLToPath(new URL('../results/', import.meta.url));
const DRAFTS = fileURLToPath(new URL('../../.dev/bench/results/', import.meta.url));

/** What `bench/results/` holds: one file for each workload and study, of the last full run. */
export type Record = { name: string; machine: Machine } & (
  | { kind: 'workload'; result: WorkloadResult }
  | { kind: 'study'; result: Study }
  | { kind: 'table'; result: TableResult }
);

/** @param isDraft a run that is too short or too special to be published: its file goes where git does not look */
export function writeRecord(record: Record, isDraft: boolean): void {
  const folder = isDraft ? DRAFTS : RESULTS;
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}${record.name}.json`, `${JSON.stringify(record, rounded, 2)}\n`);
}

export function readRecords(): Record[] {
  const files = readdirSync(RESULTS).filter((name) => name.endsWith('.json'));
  return files.map((name) => JSON.parse(readFileSync(RESULTS + name, 'utf8')));
}

/** Six digits are more than any of the figures is good for. */
function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(6)) : value;
}
