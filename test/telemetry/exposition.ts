import type { HttpClient } from '../support/http-client.ts';

export type Labels = Record<string, string>;

export interface Series {
  name: string;
  labels: Labels;
  value: number;
}

/** Returns the series of `/metrics`. */
export async function scrape(service: Pick<HttpClient, 'rest'>): Promise<Series[]> {
  return seriesIn((await service.rest('/metrics')).text);
}

export function seriesIn(text: string): Series[] {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return lines.map((line) => {
    const [, name = '', labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)/.exec(line) ?? [];
    const pairs = Array.from(labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g), ([, key = '', text = '']) => [key, text]);
    return { name, labels: Object.fromEntries(pairs), value: Number(value) };
  });
}

/** Returns the sum of the series that have these labels; undefined is a label that is absent. */
export function sumOf(
  series: readonly Series[],
  name: string,
  labels: Record<string, string | undefined> = {},
): number {
  const isAsked = (one: Series) => Object.entries(labels).every(([key, value]) => one.labels[key] === value);
  return series.filter((one) => one.name === name && isAsked(one)).reduce((sum, { value }) => sum + value, 0);
}
