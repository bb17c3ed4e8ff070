import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readConfig } from '../../src/config.ts';
import { environmentOf, lastInstruction, parseDockerfile } from '../project/dockerfile.ts';
import { describe, expect, it } from '../support/fixtures.ts';
import { createHttpClient } from '../support/http-client.ts';
import { CONTAINER_MB } from '../support/image.ts';
import type { Json } from '../support/json.ts';
import { KUBERNETES, objectsOf, readManifests, readVariables, resourcesOf, schemaProblems } from './manifests.ts';

const FOLDERS = ['service', 'migration', 'monitoring'];
const manifests = await readManifests();
const stages = parseDockerfile(await readFile('Dockerfile', 'utf8'));
const packageJson = JSON.parse(await readFile('package.json', 'utf8'));
const image = environmentOf(stages, 'production', '/app');
const configuration = await readVariables(`${KUBERNETES}/service/configuration.env`);
const secrets = new Map<string, Json>(
  manifests.filter(({ object }) => object.kind === 'Secret').map(({ object }) => [object.metadata.name, object]),
);

function find(kind: string, name = 'user-service'): Json {
  return manifests.find(({ object }) => object.kind === kind && object.metadata.name === name)?.object;
}

const deployment = find('Deployment');
const job = find('Job', 'user-service-migration');
const pods: [string, Json][] = [
  ['the Deployment', deployment.spec.template],
  ['the Job', job.spec.template],
];
const [container] = deployment.spec.template.spec.containers;
const [migration] = job.spec.template.spec.containers;
/** Whether labels satisfy a selector of `matchLabels`. */
const matches = (selector: Record<string, string>, { metadata }: Json) =>
  Object.entries(selector).every(([name, value]) => metadata.labels[name] === value);

const kubectl = (...args: string[]) => spawnSync('kubectl', args, { encoding: 'utf8' });
const withoutKubectl = kubectl('kustomize', '--help').status !== 0;

describe('each manifest', () => {
  it.each(manifests.map(({ path, object }) => [path, object.kind, object] as const))(
    '%s: the %s is valid by its JSON schema and has no other fields',
    async (_path, _kind, object) => expect(await schemaProblems(object)).toEqual([]),
  );

  it('would be rejected with a wrong value, and with a field that the schema does not have', async () => {
    const copy = structuredClone(deployment);
    copy.spec.template.spec.containers[0].readynessProbe = {};
    expect(await schemaProblems(copy)).toEqual([
      '/spec/template/spec/containers/0/readynessProbe is not in the schema',
    ]);
    copy.spec.replicas = 'two';
    expect(await schemaProblems(copy)).toEqual([expect.stringContaining('replicas')]);
  });

  it.each(FOLDERS)('of %s/ is in its kustomization', async (folder) => {
    const files = (await readdir(join(KUBERNETES, folder))).filter((name) => name.endsWith('.yaml'));
    expect(['kustomization.yaml', ...(await resourcesOf(folder))].sort()).toEqual(files.sort());
  });
});

describe('kubectl kustomize', () => {
  it.skipIf(withoutKubectl).each(FOLDERS)('builds %s/ with valid objects', async (folder) => {
    const { status, stdout, stderr } = kubectl('kustomize', join(KUBERNETES, folder));
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    for (const object of objectsOf(stdout)) expect.soft(await schemaProblems(object), object.kind).toEqual([]);
  });

  it.skipIf(withoutKubectl)('builds the overlays of the README', async ({ onTestFinished }) => {
    const root = await mkdtemp(join(tmpdir(), 'user-service-overlay-'));
    onTestFinished(() => rm(root, { recursive: true }));
    const readme = await readFile(`${KUBERNETES}/README.md`, 'utf8');
    await cp('deploy', join(root, 'deploy'), { recursive: true });
    const built: Json = {};
    for (const folder of FOLDERS) {
      const path = `overlay/${folder}/kustomization.yaml`;
      const [, text = ''] = readme.split(`\`${path}\`:\n\n\`\`\`yaml\n`)[1]?.match(/^([\s\S]*?)```/) ?? [];
      await mkdir(join(root, dirname(path)), { recursive: true });
      await writeFile(join(root, path), text);
      const { status, stdout, stderr } = kubectl('kustomize', join(root, dirname(path)));
      expect({ folder, status, stderr }).toEqual({ folder, status: 0, stderr: '' });
      for (const object of objectsOf(stdout)) {
        expect.soft(object.metadata.namespace, object.kind).toBe('learning');
        built[object.kind] = object;
      }
    }
    for (const { spec } of [built.Deployment, built.Job]) {
      expect(spec.template.spec.containers[0].image).toBe('ghcr.io/OWNER/user-service:3.0.0');
    }
    expect(built.HorizontalPodAutoscaler.spec.minReplicas).toBe(3);
    expect(built.ConfigMap.data).toMatchObject({ AUTH_ISSUER: 'https://auth.example.org', DRAIN_SECONDS: '5' });
  });
});

describe('the configuration', () => {
  const given = { ...configuration, ...secrets.get('user-service')?.stringData };

  it('is complete, and has only variables of the service', () => {
    const read = new Set<string | symbol>();
    const recorded = new Proxy(
      { ...image, ...given },
      { get: (env, name) => read.add(name) && Reflect.get(env, name) },
    );
    const config = readConfig(recorded);
    expect(Object.keys(given).filter((name) => !read.has(name))).toEqual([]);
    expect(Object.keys(secrets.get('user-service-migration')?.stringData)).toEqual(['DATABASE_URL']);
    expect(config).toMatchObject({ playground: false, drainSeconds: 5 });
  });

  it('names the Secrets of the template', () => {
    const names = pods
      .flatMap(([, { spec }]) => spec.containers[0].envFrom)
      .flatMap(({ secretRef }) => secretRef ?? []);
    expect(names.map(({ name }) => name).sort()).toEqual([...secrets.keys()].sort());
  });

  it('opens no more connections than PostgreSQL accepts by default, also during an update', () => {
    const { maxReplicas } = find('HorizontalPodAutoscaler').spec;
    const { maxSurge, maxUnavailable } = deployment.spec.strategy.rollingUpdate;
    expect(maxUnavailable).toBe(0);
    // As many pods of the previous version shut down as there are new ones, and keep their connections meanwhile.
    const pools = maxReplicas + 2 * maxSurge;
    // Each replica has one more connection for its readiness.
    const connections = readConfig({ ...image, ...given }).database.poolSize + 1;
    expect(pools * connections).toBeLessThanOrEqual(100 - 10);
  });

  it('leaves enough time for the shutdown', async () => {
    const [, ms = ''] = /CLOSE_TIMEOUT_MS = ([\d_]+);/.exec(await readFile('src/main.ts', 'utf8')) ?? [];
    const closeSeconds = Number(ms.replaceAll('_', '')) / 1000;
    expect(closeSeconds).toBeGreaterThan(10);
    const shutdownSeconds = Number(configuration.DRAIN_SECONDS) + closeSeconds;
    expect(deployment.spec.template.spec.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(shutdownSeconds + 5);
    expect(deployment.spec.minReadySeconds).toBeGreaterThanOrEqual(shutdownSeconds);
  });
});

describe('the pods', () => {
  it('have the memory that the tests of hostile clients allow, and the Node options of the image', () => {
    expect(container.resources.limits.memory).toBe(`${CONTAINER_MB}Mi`);
    for (const [, { spec }] of pods) expect(spec.containers[0]).not.toHaveProperty('env');
    expect(Object.keys({ ...configuration, ...secrets.get('user-service')?.stringData })).not.toContain('NODE_OPTIONS');
  });

  it('have more memory than the heap of the image, with its young generation of three semi-spaces', () => {
    const [old = 0, semi = 0] = ['old', 'semi'].map((space) =>
      Number(new RegExp(`--max-${space}-space-size=(\\d+)`).exec(image.NODE_OPTIONS ?? '')?.[1]),
    );
    for (const [name, { spec }] of pods) {
      expect
        .soft(Number.parseInt(spec.containers[0].resources.limits.memory, 10), name)
        .toBeGreaterThan(old + 3 * semi);
    }
  });

  it.each(pods)('of %s have the user of the image and no privileges', (_, { spec }) => {
    const user = Number(lastInstruction(stages, 'production', 'USER'));
    expect(spec).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: user, seccompProfile: { type: 'RuntimeDefault' } },
    });
    for (const { securityContext, image } of spec.containers) {
      expect(securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      expect(image).toBe('user-service');
    }
  });

  it('run the commands of the image and of npm run db:migrate', () => {
    expect(container).not.toHaveProperty('command');
    expect(container).not.toHaveProperty('args');
    expect(migration.command.join(' ')).toBe(packageJson.scripts['db:migrate']);
    expect(existsSync(migration.command[1])).toBe(true);
  });

  it('are selected by the objects that name them, and the pod of the Job by the NetworkPolicy only', () => {
    const selectors = [
      deployment.spec.selector.matchLabels,
      find('Service').spec.selector,
      find('Service', 'user-service-operations').spec.selector,
      find('PodDisruptionBudget').spec.selector.matchLabels,
      ...deployment.spec.template.spec.topologySpreadConstraints.map(
        ({ labelSelector }: Json) => labelSelector.matchLabels,
      ),
    ];
    expect(selectors.filter((selector) => !matches(selector, deployment.spec.template))).toEqual([]);
    expect(selectors.filter((selector) => matches(selector, job.spec.template))).toEqual([]);
    for (const [, pod] of pods) expect(matches(find('NetworkPolicy').spec.podSelector.matchLabels, pod)).toBe(true);
    expect(matches(find('ServiceMonitor').spec.selector.matchLabels, find('Service', 'user-service-operations'))).toBe(
      true,
    );
    expect(find('HorizontalPodAutoscaler').spec.scaleTargetRef).toMatchObject({
      kind: 'Deployment',
      name: 'user-service',
    });
  });
});

describe('ports and paths', () => {
  const ports = Object.fromEntries(container.ports.map(({ name, containerPort }: Json) => [name, containerPort]));

  it('are those of the service and of the image', () => {
    const { port, operationsPort } = readConfig({ ...configuration, ...secrets.get('user-service')?.stringData });
    expect(ports).toEqual({ http: port, operations: operationsPort });
    expect(lastInstruction(stages, 'production', 'EXPOSE')).toBe(Object.values(ports).join(' '));
  });

  it('of Services and of the NetworkPolicy are those of the pods', () => {
    for (const name of ['user-service', 'user-service-operations']) {
      for (const { port, targetPort } of find('Service', name).spec.ports) expect(port).toBe(ports[targetPort]);
    }
    const allowed = find('NetworkPolicy').spec.ingress.flatMap((rule: Json) =>
      rule.ports.map(({ port }: Json) => port),
    );
    expect(allowed.sort()).toEqual(Object.keys(ports).sort());
    const [endpoint] = find('ServiceMonitor').spec.endpoints;
    expect(find('Service', 'user-service-operations').spec.ports.map(({ name }: Json) => name)).toContain(
      endpoint.port,
    );
    const databasePort = Number(new URL(secrets.get('user-service')?.stringData.DATABASE_URL).port);
    const otlpPort = 4318;
    const egress = find('NetworkPolicy').spec.egress.flatMap((rule: Json) => rule.ports.map(({ port }: Json) => port));
    expect(egress).toEqual(
      expect.arrayContaining([databasePort, Number(new URL(configuration.AUTH_SERVICE_URL ?? '').port), otlpPort]),
    );
  });

  it('of the probes and of the ServiceMonitor exist on the operations port', async ({ serve }) => {
    const { app } = await serve({ OPERATIONS_PORT: '0' });
    const address = app.operations?.server.address();
    const operations = createHttpClient(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`);
    const probes = [container.startupProbe, container.livenessProbe, container.readinessProbe].map(
      ({ httpGet }) => httpGet,
    );
    expect(new Set(probes.map(({ port }) => port))).toEqual(new Set(['operations']));
    for (const { path } of [...probes, ...find('ServiceMonitor').spec.endpoints]) {
      expect.soft((await operations.rest(path)).status, path).toBe(200);
    }
    operations.disconnect();
  });
});
