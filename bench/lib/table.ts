import { cpuPerRequest, type ServerResult, type WorkloadResult } from './result.ts';
import { median, type Spread, spread } from './statistics.ts';

const HEAD = ['server', 'req/s', 'p50 ms', 'p99 ms', 'CPU ms/req', 'busy', 'DB CPU ms/req', 'SQL/req', 'peak RSS MB'];

/** One workload's figures: a row for each server, medians over the rounds; ratios with their extremes. */
export function workloadTable({ servers }: WorkloadResult): string[][] {
  const against = ['limit', 'service'].flatMap((name) => servers.find(({ server }) => server === name) ?? []);
  const head = [...HEAD, ...against.map(({ server }) => `CPU / ${server}'s`)];
  return [head, ...servers.map((result) => [...row(result), ...against.map((base) => ratio(result, base))])];
}

function row(result: ServerResult): string[] {
  const { server, samples, statementsPerRequest, peakRssMb } = result;
  const over = (read: (sample: ServerResult['samples'][number]) => number) => median(samples.map(read));
  const failed = samples.reduce((sum, sample) => sum + sample.failed + sample.refused, 0);
  return [
    failed > 0 ? `${server} (${failed} failed)` : server,
    figure(over(({ good, seconds }) => good / seconds)),
    figure(over(({ latency }) => latency.p50)),
    figure(over(({ latency }) => latency.p99)),
    figure(median(cpuPerRequest(result))),
    `${Math.round(over(({ cpuMs, seconds }) => cpuMs / seconds / 10))}%`,
    figure(over(({ databaseCpuMs, good }) => databaseCpuMs / Math.max(good, 1))),
    figure(statementsPerRequest),
    figure(peakRssMb),
  ];
}

/** How many times the base's CPU a request takes: rounds are compared one by one, for they were taken side by side. */
export function cpuRatio(result: ServerResult, base: ServerResult): Spread {
  const bases = cpuPerRequest(base);
  return spread(cpuPerRequest(result).map((ms, round) => ms / (bases[round] ?? Number.NaN)));
}

function ratio(result: ServerResult, base: ServerResult): string {
  const { median: middle, min, max } = cpuRatio(result, base);
  return `${middle.toFixed(2)} (${min.toFixed(2)}-${max.toFixed(2)})`;
}

/** Three digits, or a whole number. */
export function figure(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3);
}

/** Columns under one another: the first to the left, the others to the right. */
export function plainTable(rows: readonly string[][]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const pad = (cell: string, column: number) =>
    column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
  return rows.map((row) => row.map(pad).join('  ').trimEnd()).join('\n');
}

export function markdownTable(rows: readonly string[][]): string {
  const [head = [], ...body] = rows;
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, column) => (column === 0 ? '---' : '---:'))), ...body.map(line)].join('\n');
}
