import { readFile } from 'node:fs/promises';
import { posix } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Finding, lint } from './lint.ts';

const RULE = 'style/noRestrictedImports';

const LEVEL_0 = ['src/lib/page.ts', 'src/errors.ts'];
const DB = ['src/db/client.ts', 'src/db/migrate.ts', 'src/db/maintenance.ts'];
const CUTOVER = ['src/cutover/cli/commands.ts', 'src/cutover/cutover-error.ts', 'src/cutover/verify/compare-rows.ts'];
const VIEWER = ['src/auth/viewer.ts'];
const [badges, goals, users] = [feature('badges', 'badge'), feature('goals', 'goal'), feature('users', 'user')];

/** One file of every kind, and all that it may import of the project. Nothing else is allowed. */
const MAY_IMPORT: Record<string, string[]> = {
  'src/errors.ts': [],
  'src/lib/page.ts': ['src/errors.ts'],
  'src/config.ts': LEVEL_0,
  'src/auth/viewer.ts': LEVEL_0,
  'src/auth/verify-token.ts': [...LEVEL_0, ...VIEWER],
  'src/db/client.ts': [...LEVEL_0, ...DB],
  'src/scope.ts': [...LEVEL_0, ...VIEWER, ...DB, badges.noun, goals.noun, users.noun],
  'src/idempotent.ts': [...LEVEL_0, ...VIEWER, ...DB, 'src/scope.ts'],
  'src/context.ts': ['src/scope.ts', badges.loaders, goals.loaders, users.loaders],
  ...featureRules(badges, []),
  ...featureRules(goals, [badges]),
  ...featureRules(users, [badges, goals]),
  [users.noun]: [...LEVEL_0, ...VIEWER],
  [users.resolvers]: [...resolversMayImport(users), ...[badges, goals].flatMap(shared)],
  [users.routes]: [...routesMayImport(users), ...[badges, goals].flatMap(({ wire, ...of }) => [wire, ...shared(of)])],
  'src/graphql/server.ts': [...LEVEL_0, 'src/scope.ts', 'src/context.ts', 'src/graphql/generated.ts'],
  'src/http/server.ts': [...LEVEL_0, ...VIEWER, 'src/scope.ts', 'src/context.ts'],
  'src/cutover/cli/commands.ts': ['src/db/migrate.ts', 'src/db/maintenance.ts', ...CUTOVER],
  'src/cutover/verify/compare-rows.ts': ['src/db/migrate.ts', 'src/db/maintenance.ts', ...CUTOVER],
  'src/cutover/cutover-error.ts': [],
  'src/migrate.ts': ['src/config.ts', 'src/db/migrate.ts'],
  'src/cutover.ts': ['src/config.ts', 'src/cutover/cli/commands.ts', 'src/cutover/cutover-error.ts'],
  'src/main.ts': ['src/config.ts', 'src/app.ts'],
};
const OTHERS = ['src/graphql/generated.ts', 'dev/main.ts', 'test/support/app.ts', 'bench/run.ts'];

/** Where each package may be imported; a dependency that is not listed may be imported nowhere. */
const DOORS: Record<string, string[]> = {
  'drizzle-orm': ['src/db/client.ts', badges.store, goals.store, users.store],
  'drizzle-orm/pg-core': ['src/db/client.ts', badges.store, goals.store, users.store],
  postgres: ['src/db/client.ts'],
  graphql: ['src/graphql/server.ts', badges.resolvers, goals.resolvers, users.resolvers],
  '@apollo/server': ['src/graphql/server.ts'],
  '@apollo/subgraph': ['src/graphql/server.ts'],
  '@as-integrations/fastify': ['src/graphql/server.ts', 'src/app.ts'],
  fastify: ['src/http/server.ts', 'src/app.ts', badges.routes, goals.routes, users.routes],
  '@fastify/rate-limit': ['src/http/server.ts'],
  '@fastify/swagger': ['src/http/server.ts'],
  '@fastify/swagger-ui': ['src/http/server.ts'],
  '@fastify/type-provider-typebox': ['src/http/server.ts', badges.routes, goals.routes, users.routes],
  '@fastify/under-pressure': ['src/http/server.ts'],
  '@graphql-yoga/render-graphiql': ['src/http/server.ts'],
  pino: ['src/http/server.ts', 'src/app.ts'],
  'pino-pretty': ['src/http/server.ts'],
  'prom-client': ['src/http/server.ts'],
  typebox: ['src/http/server.ts', 'src/lib/page.ts', ...[badges, goals, users].flatMap((of) => [of.routes, of.wire])],
  dataloader: [badges.loaders, goals.loaders, users.loaders],
  jose: ['src/auth/verify-token.ts'],
  'lru-cache': ['src/auth/verify-token.ts', badges.remote, goals.remote, users.remote],
  cockatiel: ['src/db/client.ts', badges.remote, goals.remote, users.remote],
  // The install runs it; nothing imports it.
  'patch-package': [],
};

function feature(plural: string, noun: string) {
  const file = (name: string) => `src/${plural}/${name}.ts`;
  return {
    noun: file(noun),
    wire: file(`${noun}.wire`),
    store: file(`${plural}.store`),
    remote: file(`${plural}.remote`),
    loaders: file(`${plural}.loaders`),
    useCase: file(`create-${noun}`),
    resolvers: file(`${plural}.resolvers`),
    routes: file(`${plural}.routes`),
  };
}
type Feature = ReturnType<typeof feature>;

/** What a feature shows to the features above it. */
function shared(of: Pick<Feature, 'noun' | 'useCase'>): string[] {
  return [of.noun, of.useCase];
}

function featureRules(of: Feature, below: Feature[]): Record<string, string[]> {
  const adapters = [of.noun, of.store, of.remote];
  return {
    [of.noun]: LEVEL_0,
    [of.wire]: [...LEVEL_0, of.noun],
    [of.store]: [...LEVEL_0, ...DB, of.noun],
    [of.remote]: [...LEVEL_0, of.noun],
    [of.loaders]: [...LEVEL_0, ...VIEWER, ...DB, 'src/scope.ts', ...adapters],
    [of.useCase]: [...LEVEL_0, ...VIEWER, ...DB, 'src/scope.ts', ...adapters, ...below.flatMap(shared)],
    [of.resolvers]: resolversMayImport(of),
    [of.routes]: routesMayImport(of),
  };
}

function resolversMayImport(of: Feature): string[] {
  return [...LEVEL_0, ...VIEWER, 'src/scope.ts', 'src/context.ts', 'src/graphql/generated.ts', ...shared(of)];
}

function routesMayImport(of: Feature): string[] {
  return [...LEVEL_0, ...VIEWER, 'src/idempotent.ts', 'src/scope.ts', 'src/context.ts', of.wire, ...shared(of)];
}

function relativeImport(from: string, to: string): string {
  const path = posix.relative(posix.dirname(from), to);
  return path.startsWith('.') ? path : `./${path}`;
}

/** Of each file, those of the targets that the lint lets it import. */
async function acceptedImports(
  files: string[],
  targets: string[],
  specifier: (file: string, target: string) => string,
) {
  const lines = (file: string) => targets.map((target) => `import '${specifier(file, target)}';\n`).join('');
  const findings = await lint(Object.fromEntries(files.map((file) => [file, lines(file)])), RULE);
  const isRefused = (file: string, i: number) => findings.some(({ path, line }) => path === file && line === i + 1);
  return (file: string) => targets.filter((target, i) => target !== file && !isRefused(file, i)).sort();
}

describe('a file of src', () => {
  const targets = [...new Set([...Object.keys(MAY_IMPORT), ...DB, ...CUTOVER, ...OTHERS, 'src/app.ts'])];
  let accepted: (file: string) => string[];

  beforeAll(async () => {
    accepted = await acceptedImports(Object.keys(MAY_IMPORT), targets, relativeImport);
  });

  it.each(Object.keys(MAY_IMPORT))('imports only what its level allows: %s', (file) => {
    const allowed = new Set(MAY_IMPORT[file]);
    allowed.delete(file);
    expect(accepted(file)).toEqual([...allowed].sort());
  });
});

describe('a package', () => {
  const files = [...Object.keys(MAY_IMPORT), 'src/app.ts'];

  it('comes in by its own doors only', async () => {
    const accepted = await acceptedImports(files, Object.keys(DOORS), (_, name) => name);
    for (const [name, doors] of Object.entries(DOORS)) {
      expect.soft(files.filter((file) => accepted(file).includes(name)).sort(), name).toEqual([...doors].sort());
    }
  });

  it('has a door when the service depends on it', async () => {
    const { dependencies } = JSON.parse(await readFile('package.json', 'utf8')) as { dependencies: object };
    expect(Object.keys(dependencies).filter((name) => !(name in DOORS))).toEqual([]);
  });
});

describe('a forbidden import is refused', () => {
  const FORMS: [string, string][] = [
    ['of types only', "import type { Db } from '../db/client.ts';"],
    ['of one type among values', "import { type Db } from '../db/client.ts';"],
    ['of a whole namespace', "import * as db from '../db/client.ts';"],
    ['that is awaited', "const { db } = await import('../db/client.ts');"],
    ['that is exported again', "export { db } from '../db/client.ts';"],
    ['of everything, exported again', "export * from '../db/client.ts';"],
    ['by a roundabout path', "import { db } from '../lib/../db/client.ts';"],
    ['out of src', "import { db } from '../../dev/postgres.ts';"],
    ['by a package', "import { sql } from 'drizzle-orm';"],
  ];

  it.each(FORMS)('%s', async (_form, line) => {
    const findings: Finding[] = await lint({ 'src/badges/badge.ts': line }, RULE);
    expect(findings).toMatchObject([{ rule: 'noRestrictedImports', severity: 'error' }]);
  });

  it('in a folder that the rules do not know', async () => {
    const findings = await lint(
      { 'src/trophies/trophy.ts': "import '../errors.ts';", 'src/x.ts': "import 'jose';" },
      RULE,
    );
    expect(findings.map(({ path }) => path).sort()).toEqual(['src/trophies/trophy.ts', 'src/x.ts']);
  });

  it('of a store by a test', async () => {
    const line = "import { insertBadge } from '../../src/badges/badges.store.ts';";
    expect(await lint({ 'test/badges/create-badge.test.ts': line }, RULE)).toHaveLength(1);
  });
});
