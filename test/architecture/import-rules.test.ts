import { readFile } from 'node:fs/promises';
import { posix } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Finding, lint } from './lint.ts';

const RULE = 'style/noRestrictedImports';

const LIB = ['src/errors.ts', 'src/lib/page.ts'];
const VIEWER = 'src/auth/viewer.ts';
const AUTH_SERVICE = 'src/auth-service/auth-service.ts';
const FETCH_JSON = 'src/auth-service/fetch-json.ts';
const CONTEXT = 'src/request-context.ts';
const LOADERS = 'src/loaders/row-loaders.ts';
const DATABASE_URL = 'src/db/database-url.ts';
const DB = [
  'src/db/client.ts',
  DATABASE_URL,
  'src/db/driver/drizzle.ts',
  'src/db/schema/badges.ts',
  'src/db/verify-counters.ts',
];
const QUERY = ['src/db/query/prepared-query.ts', 'src/db/query/user-list.ts'];
const REST_SCHEMAS = 'src/http/rest/schemas.ts';
const REST = [REST_SCHEMAS, 'src/http/rest/list-route.ts'];
const IDEMPOTENCY = 'src/idempotency/with-idempotency-key.ts';
const TELEMETRY = 'src/telemetry/metrics.ts';
const GENERATED = 'src/features/resolvers.generated.ts';
const HTTP = ['src/http/server.ts', 'src/http/routes/docs.ts'];
const GRAPHQL = ['src/graphql/server.ts', 'src/graphql/compiled/compile-query.ts'];
const CUTOVER_DB = ['admin-connection', 'counted-users', 'errors', 'lock-retries', 'migrations', 'repair-counters'].map(
  (name) => `src/db/${name}.ts`,
);
/** The use-case of a program. */
const VERIFICATION = 'src/features/tracking/verify-tracking.ts';
const SIGNALS = 'src/exit-on-signals.ts';
const INSPECTION = 'src/cutover/inspect/warnings.ts';
const CUTOVER = ['src/cutover/cli/commands.ts', 'src/cutover/copy/copy-rows.ts', INSPECTION];
const [badges, goals] = [feature('badges', 'badge'), feature('goals', 'goal')];

/** One file of each kind with all project files of the other kinds that it may import. */
const MAY_IMPORT: Record<string, string[]> = {
  'src/errors.ts': [],
  'src/lib/page.ts': ['src/errors.ts'],
  'src/config.ts': [...LIB, DATABASE_URL],
  [VIEWER]: LIB,
  'src/auth/verify-token.ts': [...LIB, VIEWER, FETCH_JSON],
  [AUTH_SERVICE]: [...LIB, VIEWER, FETCH_JSON],
  'src/db/client.ts': [...LIB, ...DB, ...QUERY, ...CUTOVER_DB],
  'src/db/schema/badges.ts': ['src/db/driver/drizzle.ts'],
  'src/db/query/prepared-query.ts': [...LIB, 'src/db/client.ts', 'src/db/driver/drizzle.ts', ...QUERY],
  'src/db/driver/drizzle.ts': [],
  [LOADERS]: [...LIB, CONTEXT, 'src/db/client.ts', ...QUERY],
  [CONTEXT]: [VIEWER, AUTH_SERVICE, 'src/db/client.ts'],
  [IDEMPOTENCY]: [...LIB, VIEWER, CONTEXT, ...DB, ...QUERY, ...CUTOVER_DB],
  [badges.noun]: [...LIB, goals.noun],
  [badges.useCase]: [
    ...[...LIB, VIEWER, AUTH_SERVICE, CONTEXT, IDEMPOTENCY, ...DB, ...QUERY, ...CUTOVER_DB],
    ...[badges.noun, badges.store, badges.loaders, goals.noun, goals.useCase, VERIFICATION],
  ],
  [badges.schema]: [
    ...[...LIB, REST_SCHEMAS, badges.noun, badges.useCase],
    ...[goals.noun, goals.useCase, goals.schema, VERIFICATION],
  ],
  [badges.mappers]: [...LIB, badges.noun, badges.useCase, goals.noun, goals.useCase, VERIFICATION],
  [badges.store]: [...LIB, ...DB, ...QUERY, ...CUTOVER_DB, badges.noun, goals.noun],
  [badges.loaders]: [...LIB, AUTH_SERVICE, CONTEXT, LOADERS, ...QUERY, badges.noun, badges.store, goals.noun],
  [badges.resolvers]: [
    ...[...LIB, VIEWER, CONTEXT, GENERATED],
    ...[badges.noun, badges.useCase, badges.loaders, goals.noun, goals.useCase, VERIFICATION],
  ],
  [badges.routes]: [
    ...[...LIB, VIEWER, CONTEXT, ...REST],
    ...[badges.noun, badges.useCase, badges.schema, goals.noun, goals.useCase, VERIFICATION],
  ],
  'src/features/registry.ts': [badges.resolvers, badges.routes, goals.resolvers, goals.routes],
  'src/graphql/server.ts': [...LIB, CONTEXT, ...GRAPHQL],
  'src/graphql/compiled/compile-query.ts': [...LIB, CONTEXT],
  'src/http/server.ts': [...LIB, VIEWER, CONTEXT, ...HTTP, ...REST],
  'src/http/routes/docs.ts': [...LIB, VIEWER, CONTEXT, ...HTTP, ...REST],
  'src/http/rest/list-route.ts': [...LIB, VIEWER, CONTEXT, IDEMPOTENCY, 'src/db/query/user-list.ts', REST_SCHEMAS],
  [TELEMETRY]: [...LIB.slice(1), CONTEXT, 'src/db/client.ts'],
  'src/cutover/cli/commands.ts': [...CUTOVER_DB, ...CUTOVER],
  [INSPECTION]: ['src/db/admin-connection.ts', ...CUTOVER, badges.noun, goals.noun],
  [SIGNALS]: [],
  'src/main.ts': [SIGNALS, 'src/config.ts', 'src/app.ts'],
  'src/migrate.ts': [SIGNALS, 'src/config.ts', 'src/db/migrations.ts'],
  'src/verify.ts': [SIGNALS, 'src/config.ts', 'src/db/verify-counters.ts', 'src/features/tracking/verify-tracking.ts'],
  'src/cutover.ts': [SIGNALS, 'src/config.ts', 'src/cutover/cli/commands.ts'],
};
/** Files that are targets only. `dev`, `test` and `bench` are never imported by `src`. */
const OTHERS = ['src/app.ts', 'dev/main.ts', 'test/support/app.ts', 'bench/main.ts'];

const OF_FEATURES = Object.values(badges);
const FEATURE_ROLES = ['store', 'loaders', 'resolvers', 'routes', 'schema'] as const;

/** The files that may import each package. A production dependency that is not listed here fails a test. */
const PACKAGES: Record<string, string[]> = {
  'drizzle-orm': ['src/db/client.ts', 'src/db/query/prepared-query.ts', 'src/db/driver/drizzle.ts', badges.store],
  postgres: ['src/db/client.ts', 'src/db/query/prepared-query.ts', 'src/db/driver/drizzle.ts'],
  dataloader: ['src/db/query/prepared-query.ts', LOADERS],
  graphql: [...GRAPHQL, badges.resolvers],
  '@apollo/server': [...GRAPHQL],
  '@apollo/subgraph': ['src/graphql/server.ts'],
  '@as-integrations/fastify': ['src/app.ts'],
  fastify: [...HTTP, TELEMETRY, 'src/http/rest/list-route.ts', 'src/app.ts', badges.routes, 'src/features/registry.ts'],
  '@fastify/cors': HTTP,
  '@fastify/rate-limit': HTTP,
  '@fastify/swagger': HTTP,
  '@fastify/swagger-ui': HTTP,
  '@fastify/under-pressure': HTTP,
  '@fastify/type-provider-typebox': [...HTTP, 'src/http/rest/list-route.ts', badges.routes],
  '@graphql-yoga/render-graphiql': HTTP,
  negotiator: HTTP,
  'async-mutex': ['src/lib/page.ts', 'src/loaders/row-loaders.ts'],
  pino: [...HTTP, 'src/app.ts'],
  'pino-pretty': HTTP,
  '@prometheus-io/client': [TELEMETRY],
  '@opentelemetry/api': [TELEMETRY],
  '@opentelemetry/exporter-trace-otlp-proto': [TELEMETRY],
  '@opentelemetry/resources': [TELEMETRY],
  '@opentelemetry/sdk-trace': [TELEMETRY],
  typebox: [...HTTP, 'src/http/rest/list-route.ts', badges.routes, badges.schema],
  jose: ['src/auth/verify-token.ts'],
  'lru-cache': [
    'src/auth/verify-token.ts',
    AUTH_SERVICE,
    TELEMETRY,
    'src/db/query/prepared-query.ts',
    'src/graphql/compiled/compile-query.ts',
  ],
  cockatiel: [AUTH_SERVICE],
  'temporal-polyfill': ['src/lib/page.ts'],
  'close-with-grace': ['src/main.ts'],
  // The install runs it; no file imports it.
  'patch-package': [],
};

function feature(plural: string, noun: string) {
  const file = (name: string) => `src/features/${plural}/${name}.ts`;
  return {
    noun: file(noun),
    schema: file(`${noun}.schema`),
    mappers: file(`${plural}.mappers`),
    store: file(`${plural}.store`),
    loaders: file(`${plural}.loaders`),
    useCase: file(`create-${noun}`),
    resolvers: file(`${plural}.resolvers`),
    routes: file(`${plural}.routes`),
  };
}

function relativeImport(from: string, to: string): string {
  const path = posix.relative(posix.dirname(from), to);
  return path.startsWith('.') ? path : `./${path}`;
}

/** Returns for each file the targets that the lint rules let it import. */
async function acceptedImports(
  files: string[],
  targets: string[],
  specifier: (file: string, target: string) => string,
) {
  const lines = (file: string) => targets.map((target) => `import '${specifier(file, target)}';\n`).join('');
  const findings = await lint(Object.fromEntries(files.map((file) => [file, lines(file)])), RULE);
  const isRejected = (file: string, i: number) => findings.some(({ path, line }) => path === file && line === i + 1);
  return (file: string) => targets.filter((target, i) => target !== file && !isRejected(file, i)).sort();
}

describe('an import within src', () => {
  const files = Object.keys(MAY_IMPORT);
  const targets = [
    ...new Set([...files, ...Object.values(MAY_IMPORT).flat(), ...OF_FEATURES, ...Object.values(goals), ...OTHERS]),
  ];
  let accepted: (file: string) => string[];

  beforeAll(async () => {
    accepted = await acceptedImports(files, targets, relativeImport);
  });

  it.each(files)('is limited by the role of the file: %s', (file) => {
    const allowed = new Set(MAY_IMPORT[file]);
    allowed.delete(file);
    expect(accepted(file)).toEqual([...allowed].sort());
  });

  it('never reaches a store, loaders, resolvers or routes of another feature', () => {
    const hidden = FEATURE_ROLES.filter((role) => role !== 'schema').map((role) => goals[role]);
    for (const file of OF_FEATURES) expect(accepted(file).filter((target) => hidden.includes(target))).toEqual([]);
  });

  it('never reaches a feature from graphql/ or http/', () => {
    for (const file of [...GRAPHQL, ...HTTP, ...REST]) {
      if (file in MAY_IMPORT) expect(accepted(file).filter((target) => target.includes('/features/'))).toEqual([]);
    }
  });
});

describe('a package', () => {
  const files = [...new Set([...Object.keys(MAY_IMPORT), 'src/app.ts'])];

  it('is imported by the files of its role only', async () => {
    const accepted = await acceptedImports(files, Object.keys(PACKAGES), (_, name) => name);
    for (const [name, importers] of Object.entries(PACKAGES)) {
      const expected = [...new Set(importers)].filter((file) => files.includes(file)).sort();
      expect.soft(files.filter((file) => accepted(file).includes(name)).sort(), name).toEqual(expected);
    }
  });

  it('is listed when production depends on it', async () => {
    const { dependencies, optionalDependencies } = JSON.parse(await readFile('package.json', 'utf8'));
    const names = Object.keys({ ...dependencies, ...optionalDependencies });
    expect(names.filter((name) => !(name in PACKAGES))).toEqual([]);
  });
});

describe('the lint rejects a forbidden import', () => {
  const FORMS: [string, string][] = [
    ['of types only', "import type { Db } from '../../db/client.ts';"],
    ['of one type among values', "import { type Db } from '../../db/client.ts';"],
    ['of a namespace', "import * as db from '../../db/client.ts';"],
    ['that is dynamic', "const { db } = await import('../../db/client.ts');"],
    ['that is re-exported', "export { db } from '../../db/client.ts';"],
    ['that re-exports everything', "export * from '../../db/client.ts';"],
    ['by a path that is not normalized', "import { db } from '../../lib/../db/client.ts';"],
    ['out of src', "import { db } from '../../../dev/postgres.ts';"],
    ['of a package', "import { sql } from 'drizzle-orm';"],
  ];

  const ELSEWHERE: [string, string, string][] = [
    ['in a folder that no rule covers', 'src/trophies/trophy.ts', "import '../errors.ts';"],
    ['in a file that no rule covers', 'src/x.ts', "import 'jose';"],
    [
      'of a store by a test',
      'test/features/badges/create-badge.test.ts',
      "import { insertBadge } from '../../../src/features/badges/badges.store.ts';",
    ],
  ];
  const IN_A_FEATURE = FORMS.map(([form, line], i): [string, string, string] => [
    form,
    `src/features/badges/badge${i}.ts`,
    line,
  ]);
  const CASES = [...IN_A_FEATURE, ...ELSEWHERE];
  let findings: Finding[];

  beforeAll(async () => {
    findings = await lint(Object.fromEntries(CASES.map(([, path, line]) => [path, line])), RULE);
  });

  it.each(CASES)('%s', (_, path) => {
    expect(findings.filter((finding) => finding.path === path)).toMatchObject([
      { rule: 'noRestrictedImports', severity: 'error' },
    ]);
  });
});
