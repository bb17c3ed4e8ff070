import { summarize } from '../measurement/statistics.ts';

/** Formats a number with three significant digits, or as a whole number from 100. */
export function formatNumber(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3);
}

/** Divides the values of each round, which were taken one after another, and formats the median and the extremes. */
export function formatRatio(values: readonly number[], baseline: readonly number[]): string {
  const { median, min, max } = summarize(values.map((value, round) => value / (baseline[round] ?? Number.NaN)));
  return `${median.toFixed(2)} (${min.toFixed(2)}-${max.toFixed(2)})`;
}
