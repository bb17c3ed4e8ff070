import type { Env } from '../support/app.ts';
import { describe, expect, it } from '../support/fixtures.ts';
import { startOtlpCollector } from '../support/otlp-collector.ts';

/** Writes the packages of OpenTelemetry that a process loads to its standard error. */
const REPORT_LOADS = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module';
  registerHooks({
    load(url, context, nextLoad) {
      const name = /node_modules\\/(@opentelemetry\\/[\\w-]+)\\//.exec(url)?.[1];
      if (name !== undefined) process.stderr.write(name + '\\n');
      return nextLoad(url, context);
    },
  });`)}`;

/** The metrics client loads it. */
const API = '@opentelemetry/api';

describe('a process loads no package of OpenTelemetry but its interfaces', { timeout: 30_000 }, () => {
  const environments: [string, Env][] = [
    ['without an endpoint', {}],
    ['with OTEL_SDK_DISABLED', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9', OTEL_SDK_DISABLED: 'true' }],
  ];
  it.for(environments)('%s', async ([, env], { serveProcess }) => {
    const service = await serveProcess({ ...env, NODE_OPTIONS: `--import=${REPORT_LOADS}` });
    expect((await service.rest('/users/ada/badges')).status).toBe(200);
    expect(new Set(service.stderr).difference(new Set([API]))).toEqual(new Set());
  });
});

describe('a process with OTEL_EXPORTER_OTLP_ENDPOINT', { timeout: 40_000 }, () => {
  it('sends its spans before it ends, with the resource of its environment', async ({ serveProcess }) => {
    const collector = await startOtlpCollector();
    const service = await serveProcess({
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_SERVICE_NAME: 'learners',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
      NODE_OPTIONS: `--import=${REPORT_LOADS}`,
    });
    await service.rest('/users/ada/badges');
    service.kill('SIGTERM');
    expect(await service.exit).toMatchObject({ code: 0 });
    await collector.close();
    expect(service.stderr).toContain('@opentelemetry/sdk-trace');
    expect(collector.spans.map(({ name }) => name)).toContain('GET /users/:auth_user_id/badges');
    expect(collector.spans[0]?.resource).toMatchObject({
      'service.name': 'learners',
      'deployment.environment.name': 'test',
      'service.instance.id': expect.any(String),
    });
  });
});
