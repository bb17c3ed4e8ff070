import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';

interface Query {
  /** Each selected series: the metric, and the labels that its matchers name. */
  selectors: { metric: string; labels: string[] }[];
  /** Labels of `by (...)` and `without (...)`. */
  grouping: string[];
  syntaxErrors: number;
}

/** Parses a PromQL expression. Grafana's `$__rate_interval` may stand for a duration. */
export function parseQuery(expression: string): Query {
  const text = expression.replaceAll('$__rate_interval', '5m');
  const nodes: SyntaxNode[] = [];
  parser.parse(text).iterate({ enter: ({ node }) => void nodes.push(node) });
  const named = (name: string, among: SyntaxNode[] = nodes) => among.filter((node) => node.name === name);
  const labelsIn = (parent: SyntaxNode) => named('LabelName').filter((label) => isInside(label, parent));
  const textOf = ({ from, to }: SyntaxNode) => text.slice(from, to);
  return {
    selectors: named('VectorSelector').map((selector) => ({
      metric: named('Identifier', selector.getChildren('Identifier')).map(textOf).join(),
      labels: labelsIn(selector).map(textOf),
    })),
    grouping: named('GroupingLabels').flatMap((labels) => labelsIn(labels).map(textOf)),
    syntaxErrors: nodes.filter(({ type }) => type.isError).length,
  };
}

function isInside(inner: SyntaxNode, outer: SyntaxNode): boolean {
  return inner.from >= outer.from && inner.to <= outer.to;
}

const SUFFIXES: Record<string, readonly string[]> = {
  histogram: ['_bucket', '_sum', '_count'],
  summary: ['', '_sum', '_count'],
};

/**
 * Returns the names of the series of an exposition in Prometheus' text format, and the labels of those with samples.
 */
export function parseExposition(text: string): Map<string, Set<string>> {
  const series = new Map<string, Set<string>>();
  for (const [, name = '', type = ''] of text.matchAll(/^# TYPE (\S+) (\S+)$/gm)) {
    for (const suffix of SUFFIXES[type] ?? ['']) series.set(`${name}${suffix}`, new Set());
  }
  for (const [, name = '', labels = ''] of text.matchAll(/^(\w+)(?:\{(.*?)\})? \S+/gm)) {
    for (const [, label = ''] of labels.matchAll(/(\w+)="/g)) series.get(name)?.add(label);
  }
  return series;
}

/** Returns the metrics and labels of a query that an exposition does not have. */
export function unknownNames({ selectors, grouping }: Query, exposed: ReadonlyMap<string, Set<string>>): string[] {
  const own = selectors.filter(({ metric }) => !OF_PROMETHEUS.includes(metric));
  const labelsOf = ({ metric }: { metric: string }) => [...(exposed.get(metric) ?? [])];
  const all = own.flatMap(labelsOf);
  return [
    ...own.map(({ metric }) => metric).filter((metric) => !exposed.has(metric)),
    ...own.flatMap((selector) => unknownLabels(selector.labels, labelsOf(selector))),
    ...unknownLabels(grouping, all),
  ];
}

/** Series that Prometheus creates itself, and the labels that it or its operator adds to each. */
const OF_PROMETHEUS = ['up'];
const TARGET_LABELS = ['namespace', 'job', 'instance'];

/** A metric without samples shows no labels, so that those of its queries are not checked. */
function unknownLabels(labels: readonly string[], known: readonly string[]): string[] {
  return known.length === 0 ? [] : labels.filter((label) => ![...known, ...TARGET_LABELS].includes(label));
}
