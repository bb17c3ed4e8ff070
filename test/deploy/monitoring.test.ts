import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { describe, expect, it } from '../support/fixtures.ts';
import type { Json } from '../support/json.ts';
import { objectsOf, schemaProblems } from './manifests.ts';
import { parseExposition, parseQuery, unknownNames } from './promql.ts';

const RULES = 'deploy/prometheus/alerts.yaml';
const RUNBOOK_URL = 'https://github.com/OWNER/user-service/blob/main/docs/RUNBOOK.md';
const SCENARIOS = 'deploy/prometheus/alerts.test.yaml';

const [rules, scenarios, dashboard, runbook] = await Promise.all([
  readFile(RULES, 'utf8').then(parse),
  readFile(SCENARIOS, 'utf8').then(parse),
  readFile('deploy/grafana/dashboard.json', 'utf8').then(JSON.parse),
  readFile('docs/RUNBOOK.md', 'utf8'),
]);
const alerts: Json[] = rules.groups.flatMap((group: Json) => group.rules);
const panels: Json[] = dashboard.panels.filter(({ type }: Json) => type !== 'row');
const PANEL_QUERIES: [string, string][] = panels.flatMap(({ title, targets }) =>
  targets.map(({ expr }: Json): [string, string] => [title, expr]),
);
const QUERIES = [...alerts.map(({ alert, expr }): [string, string] => [alert, expr]), ...PANEL_QUERIES];

const promtool = (...args: string[]) => spawnSync('promtool', args, { encoding: 'utf8' });
const withoutPromtool = promtool('--version').error !== undefined;

describe('the queries of alerts and dashboard', () => {
  it('are valid PromQL', () => {
    expect(QUERIES.filter(([, expr]) => parseQuery(expr).syntaxErrors > 0)).toEqual([]);
  });

  it('select metrics and labels of /metrics only', async ({ service, auth, createUser }) => {
    const { token } = await createUser();
    auth.fail('graphql', 500, { times: 2 });
    await service.rest('/users/unknown-user');
    await service.graphql('query Viewer { viewer { id username badges { name } } }', {}, { token });
    await service.graphql('{ unknown }', {}, { token });
    await service.rest('/users/ada/goals', { method: 'POST' });
    const exposed = parseExposition((await service.rest('/metrics')).text);
    for (const [name, expr] of QUERIES) expect.soft(unknownNames(parseQuery(expr), exposed), name).toEqual([]);
  });

  it('would be reported with an unknown metric, label or syntax', () => {
    const exposed = parseExposition('# TYPE moons_total counter\nmoons_total{phase="full"} 1\n');
    const unknown = (expr: string) => unknownNames(parseQuery(expr), exposed);
    expect(unknown('sum by (job, phase) (rate(moons_total{phase="new"}[$__rate_interval]))')).toEqual([]);
    expect(unknown('sum by (color) (moons_total{size="1"} / suns_total)')).toEqual(['suns_total', 'size', 'color']);
    expect(parseQuery('sum by (job (rate(moons_total[5m]))').syntaxErrors).toBeGreaterThan(0);
  });
});

describe('the alerts', () => {
  it.skipIf(withoutPromtool)('are accepted by promtool', () => {
    expect(promtool('check', 'rules', RULES)).toMatchObject({ status: 0 });
  });

  it.skipIf(withoutPromtool)('fire in their scenarios, and no others do', () => {
    const { status, stdout, stderr } = promtool('test', 'rules', SCENARIOS);
    expect({ status, output: stdout + stderr }).toEqual({ status: 0, output: expect.stringContaining('SUCCESS') });
  });

  it('have a scenario each', () => {
    const samples: Json[] = scenarios.tests.flatMap((test: Json) =>
      test.promql_expr_test.flatMap((query: Json) => query.exp_samples),
    );
    const fired = new Set(samples.map(({ labels }) => /alertname="(\w+)"/.exec(labels)?.[1]));
    expect(alerts.map(({ alert }) => alert).filter((name) => !fired.has(name))).toEqual([]);
  });

  it('have a severity, and the section of the runbook as their URL', () => {
    for (const { alert, labels, annotations } of alerts) {
      expect.soft(labels, alert).toEqual({ severity: expect.stringMatching(/^(critical|warning)$/) });
      expect.soft(annotations.runbook_url).toBe(`${RUNBOOK_URL}#${alert.toLowerCase()}`);
    }
  });

  it('are the sections of the runbook, in its order', () => {
    const sections = Array.from(runbook.matchAll(/^### (UserService\w+)$/gm), ([, name]) => name);
    expect(sections).toEqual(alerts.map(({ alert }) => alert));
  });

  it('are a valid PrometheusRule with the command of the README', async () => {
    const readme = await readFile('deploy/kubernetes/README.md', 'utf8');
    const [, command = ''] = /```sh\n(\{ printf [\s\S]*?) \| kubectl/.exec(readme) ?? [];
    const { stdout } = spawnSync('sh', ['-c', command], { encoding: 'utf8' });
    const [object] = objectsOf(stdout);
    expect(await schemaProblems(object)).toEqual([]);
    expect(object.metadata.labels).toEqual({ release: 'RELEASE' });
    expect(object.spec).toEqual(rules);
  });
});

describe('the dashboard', () => {
  it('has a unit, a legend and the chosen data source in each panel, and each place once', () => {
    for (const { title, datasource, fieldConfig, targets } of panels) {
      expect.soft(datasource, title).toEqual({ type: 'prometheus', uid: '$datasource' });
      expect.soft(fieldConfig.defaults.unit, title).toMatch(/./);
      for (const { legendFormat } of targets) expect.soft(legendFormat, title).toMatch(/./);
    }
    const places = dashboard.panels.map(({ gridPos: { x, y } }: Json) => `${x},${y}`);
    expect(new Set(places).size).toBe(places.length);
    const ids = dashboard.panels.map(({ id }: Json) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('filters each series by the namespace and the replica', () => {
    const filter = 'namespace=~"$namespace",instance=~"$instance"';
    const [restarts, firing] = dashboard.annotations.list;
    const own: [string, string][] = [...PANEL_QUERIES, [restarts.name, restarts.expr]];
    for (const [title, expr] of own) {
      expect.soft(expr.split(filter).length - 1, title).toBe(parseQuery(expr).selectors.length);
    }
    // The alert about absent metrics has no namespace.
    expect(firing.expr).toContain('namespace=~"$namespace|"');
    const instance = dashboard.templating.list.find(({ name }: Json) => name === 'instance');
    expect(instance.query.query).toContain('namespace=~"$namespace"');
  });

  it.skipIf(withoutPromtool)(
    'has all replicas by default, also those without a namespace',
    async ({ onTestFinished }) => {
      const [[, expr = ''] = []] = PANEL_QUERIES.filter(([title]) => title === 'Replicas that are ready');
      const variables: Json[] = dashboard.templating.list.filter(({ type }: Json) => type === 'query');
      const withValues = (values: Record<string, string>) =>
        variables.reduce((text, { name, allValue }) => text.replaceAll(`$${name}`, values[name] ?? allValue), expr);
      const series = ['', 'namespace="a",', 'namespace="b",'].map((namespace) => ({
        series: `user_service_ready{job="user-service",${namespace}instance="10.0.0.1:4003"}`,
        values: '1',
      }));
      const result = (given: Record<string, string>, value: number) => ({
        expr: withValues(given),
        eval_time: '0m',
        exp_samples: [{ labels: '{}', value }],
      });
      const queries = [result({}, 3), result({ namespace: '(a|b)' }, 2), result({ namespace: 'a' }, 1)];
      const folder = await mkdtemp(join(tmpdir(), 'user-service-dashboard-'));
      onTestFinished(() => rm(folder, { recursive: true }));
      const file = join(folder, 'dashboard.test.yaml');
      await writeFile(file, JSON.stringify({ tests: [{ input_series: series, promql_expr_test: queries }] }));
      const { status, stdout, stderr } = promtool('test', 'rules', file);
      expect({ status, output: stdout + stderr }).toEqual({ status: 0, output: expect.stringContaining('SUCCESS') });
    },
  );
});
