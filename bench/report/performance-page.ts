import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Machine } from '../environment/machine.ts';
import { barChart } from './bar-chart.ts';
import { lineChart } from './line-chart.ts';
import { notesOf, type ResultFile, readResultFiles } from './result-files.ts';
import { markdownTable, tableRows } from './tables.ts';

const PAGE = fileURLToPath(new URL('../../docs/PERFORMANCE.md', import.meta.url));
const CHARTS = fileURLToPath(new URL('../../docs/performance/', import.meta.url));

/**
 * Writes the results in `bench/results` between the markers of docs/PERFORMANCE.md, and the charts beside it.
 * @param order the names of the results, in the order of their sections
 */
export function writePerformancePage(order: readonly string[]): void {
  const files = readResultFiles().toSorted((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
  mkdirSync(CHARTS, { recursive: true });
  for (const file of files) {
    const chart = renderChart(file);
    if (chart !== undefined) writeFileSync(`${CHARTS}${file.name}.svg`, chart);
  }
  const [newest] = files.toSorted((a, b) => b.machine.date.localeCompare(a.machine.date));
  let text = readFileSync(PAGE, 'utf8');
  if (newest !== undefined) text = replaceBetween(text, 'machine', machineTable(newest.machine));
  text = replaceBetween(text, 'figures', files.map(section).join('\n\n'));
  writeFileSync(PAGE, text);
}

/** Replaces the text between `<!-- marker -->` and `<!-- /marker -->`. */
function replaceBetween(text: string, marker: string, content: string): string {
  const [start, end] = [`<!-- ${marker} -->`, `<!-- /${marker} -->`];
  const [from, to] = [text.indexOf(start) + start.length, text.indexOf(end)];
  if (from < start.length || to < from) throw new Error(`docs/PERFORMANCE.md must contain ${start} before ${end}.`);
  return `${text.slice(0, from)}\n\n${content}\n\n${text.slice(to)}`;
}

function machineTable(machine: Machine): string {
  const { cpu, cores, memoryGb, system, node, postgres, python, pinned } = machine;
  return markdownTable([
    ['', 'last run'],
    ['CPU', `${cpu}; ${cores} cores`],
    ['memory', `${memoryGb} GB`],
    ['system', system],
    ['Node', node],
    ['PostgreSQL', postgres],
    ['Python', python],
    ['pinned', pinned],
  ]);
}

function section(file: ResultFile): string {
  const { name, machine, result } = file;
  const chart = file.kind === 'table' ? [] : [`![${result.title.replaceAll('`', '')}](performance/${name}.svg)`];
  const { date, commit, loadBefore } = machine;
  const origin = `\`${name}\`, ${date.slice(0, 10)}, commit ${commit}; load average before the run: ${loadBefore}.`;
  const notes = notesOf(file).map((note) => `- ${note}`);
  const parts = [`### ${result.title}`, ...chart, markdownTable(tableRows(file)), origin];
  return [...parts, ...(notes.length > 0 ? [notes.join('\n')] : [])].join('\n\n');
}

function renderChart(file: ResultFile): string | undefined {
  if (file.kind === 'workload') return barChart(file.result);
  return file.kind === 'chart' ? lineChart(file.result) : undefined;
}
