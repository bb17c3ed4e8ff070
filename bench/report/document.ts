import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Machine } from '../lib/machine.ts';
import { type Record, readRecords } from '../lib/records.ts';
import type { Study } from '../lib/study.ts';
import { figure, markdownTable, workloadTable } from '../lib/table.ts';
import { barPlot } from './bars.ts';
import { linePlot } from './lines.ts';

const DOCUMENT = fileURLToPath(new URL('../../docs/PERFORMANCE.md', import.meta.url));
const PLOTS = fileURLToPath(new URL('../../docs/performance/', import.meta.url));

/**
 * Writes the figures of `bench/results/` into docs/PERFORMANCE.md, between its markers, and the plots beside it.
 * @param order names of the records as they are to follow one another
 */
export function writeDocument(order: readonly string[]): void {
  const records = readRecords().toSorted((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
  mkdirSync(PLOTS, { recursive: true });
  for (const record of records) {
    const plot = plotOf(record);
    if (plot !== undefined) writeFileSync(`${PLOTS}${record.name}.svg`, plot);
  }
  const [newest] = records.toSorted((a, b) => b.machine.date.localeCompare(a.machine.date));
  let text = readFileSync(DOCUMENT, 'utf8');
  if (newest !== undefined) text = between(text, 'machine', machineTable(newest.machine));
  text = between(text, 'figures', records.map(section).join('\n\n'));
  writeFileSync(DOCUMENT, text);
}

/** Everything else of the text stays as it is. */
function between(text: string, marker: string, content: string): string {
  const [start, end] = [`<!-- ${marker} -->`, `<!-- /${marker} -->`];
  const [from, to] = [text.indexOf(start) + start.length, text.indexOf(end)];
  if (from < start.length || to < from) throw new Error(`docs/PERFORMANCE.md has no ${start} with an ${end} behind it`);
  return `${text.slice(0, from)}\n\n${content}\n\n${text.slice(to)}`;
}

function machineTable(machine: Machine): string {
  const { cpu, cores, memoryGb, system, node, postgres, python, pinned } = machine;
  return markdownTable([
    ['', 'of the last run'],
    ['CPU', `${cpu}; ${cores} cores`],
    ['memory', `${memoryGb} GB`],
    ['system', system],
    ['Node', node],
    ['PostgreSQL', postgres],
    ['Python', python],
    ['pinned', pinned],
  ]);
}

function section(record: Record): string {
  const { name, machine, result } = record;
  const plot = record.kind === 'table' ? [] : [`![${result.title.replaceAll('`', '')}](performance/${name}.svg)`];
  const { date, commit, loadBefore } = machine;
  const when = `\`${name}\`, ${date}, commit ${commit}; load of the machine before: ${loadBefore}.`;
  return [`### ${result.title}`, ...plot, markdownTable(rowsOf(record)), when, ...factsOf(record)].join('\n\n');
}

/** A record's figures as a table. */
export function rowsOf(record: Record): string[][] {
  if (record.kind === 'workload') return workloadTable(record.result);
  return record.kind === 'table' ? record.result.rows : studyTable(record.result);
}

function factsOf(record: Record): string[] {
  return record.kind === 'study' ? [record.result.facts.map((fact) => `- ${fact}`).join('\n')] : [];
}

const MOST_ROWS = 12;

/** A row for each value of x, or for some of them where they are many. */
function studyTable({ x, lines }: Study): string[][] {
  const all = lines[0]?.points.map((_, i) => i) ?? [];
  const step = Math.ceil(all.length / MOST_ROWS);
  const rows = all.filter((i) => i % step === 0);
  const cell = (value: number | undefined) => (value === undefined ? '-' : figure(value));
  return [
    [x.label, ...lines.map(({ name }) => name)],
    ...rows.map((i) => [cell(lines[0]?.points[i]?.x), ...lines.map(({ points }) => cell(points[i]?.y))]),
  ];
}

function plotOf(record: Record): string | undefined {
  if (record.kind === 'workload') return barPlot(record.result);
  return record.kind === 'study' ? linePlot(record.result) : undefined;
}
