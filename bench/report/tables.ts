import { cpuPerRequest, type Sample, type ServerResult, type WorkloadResult } from '../measurement/results.ts';
import { median } from '../measurement/statistics.ts';
import type { ChartResult } from '../studies/study.ts';
import { formatNumber, formatRatio } from './format-number.ts';
import type { ResultFile } from './result-files.ts';

const HEADER = [
  'server',
  'req/s',
  'p50 ms',
  'p99 ms',
  'CPU ms/req',
  'CPU use',
  'DB CPU ms/req',
  'SQL/req',
  'peak RSS MB',
];
/** The servers that the CPU time of the others is compared with. */
const BASELINES = ['limit', 'limit-npm', 'service'];
/** The maximum number of rows in the table of a chart. */
const MAX_CHART_ROWS = 12;

/** Returns the rows of a result as a table. The first row is the header. */
export function tableRows(file: ResultFile): string[][] {
  if (file.kind === 'workload') return workloadRows(file.result);
  return file.kind === 'table' ? file.result.rows : chartRows(file.result);
}

/** Aligns the columns: the first to the left, the others to the right. */
export function plainTable(rows: readonly string[][]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const pad = (cell: string, column: number) =>
    column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
  return rows.map((row) => row.map(pad).join('  ').trimEnd()).join('\n');
}

export function markdownTable(rows: readonly string[][]): string {
  const [header = [], ...body] = rows;
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map((_, column) => (column === 0 ? '---' : '---:'))), ...body.map(line)].join('\n');
}

/** Returns a row for each server: medians over the rounds, and CPU ratios with their extremes. */
function workloadRows({ servers }: WorkloadResult): string[][] {
  const baselines = BASELINES.flatMap((name) => servers.find(({ server }) => server === name) ?? []);
  const header = [...HEADER, ...baselines.map(({ server }) => `CPU / ${server}'s`)];
  const rows = servers.map((result) => [
    ...serverRow(result),
    ...baselines.map((baseline) => formatRatio(cpuPerRequest(result), cpuPerRequest(baseline))),
  ]);
  return [header, ...rows];
}

function serverRow(result: ServerResult): string[] {
  const { server, samples, statementsPerRequest, peakRssMb } = result;
  const medianOf = (read: (sample: Sample) => number) => median(samples.map(read));
  const failed = samples.reduce((sum, sample) => sum + sample.failed + sample.rejected, 0);
  return [
    failed > 0 ? `${server} (${failed} failed)` : server,
    formatNumber(medianOf(({ succeeded, seconds }) => succeeded / seconds)),
    formatNumber(medianOf(({ latency }) => latency.p50)),
    formatNumber(medianOf(({ latency }) => latency.p99)),
    formatNumber(median(cpuPerRequest(result))),
    `${Math.round(medianOf(({ cpuMs, seconds }) => cpuMs / seconds / 10))}%`,
    formatNumber(medianOf(({ databaseCpuMs, succeeded }) => databaseCpuMs / Math.max(succeeded, 1))),
    formatNumber(statementsPerRequest),
    formatNumber(peakRssMb),
  ];
}

/** Returns a row for each x, or for evenly spaced ones when there are many. */
function chartRows({ x, series }: ChartResult): string[][] {
  const indexes = series[0]?.points.map((_, i) => i) ?? [];
  const step = Math.ceil(indexes.length / MAX_CHART_ROWS);
  const cell = (value: number | undefined) => (value === undefined ? '-' : formatNumber(value));
  const rows = indexes
    .filter((i) => i % step === 0)
    .map((i) => [cell(series[0]?.points[i]?.x), ...series.map(({ points }) => cell(points[i]?.y))]);
  return [[x.label, ...series.map(({ name }) => name)], ...rows];
}
