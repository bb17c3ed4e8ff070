import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, inject, it } from 'vitest';
import { copyProject } from '../project/project-copy.ts';

const ROOT = join(import.meta.dirname, '../..');
const COPIED = [
  'src',
  'schema',
  'drizzle',
  'dev',
  'test',
  'bench',
  'scripts',
  'docs',
  'patches',
  'Dockerfile',
  'package.json',
  'biome.json',
  'tsconfig.json',
  'vitest.config.ts',
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
];
const REGISTRY = 'src/features/registry.ts';
/** Those that have found missing steps in the description, without the slow ones. */
const TESTS = [
  'features/notes',
  'db/ping.test.ts',
  'db/distributed-tables.test.ts',
  'db/statements.test.ts',
  'rest/openapi.test.ts',
  'graphql/introspection.test.ts',
  'federation/composition.test.ts',
  'cutover/counters.test.ts',
];
/** Alone on an idle machine of two cores the test takes about a minute. */
const TIMEOUT_MS = 600_000;

const run = promisify(execFile);

/** Returns the code blocks of CONTRIBUTING.md that name a file, by that name. */
async function readExample(): Promise<Map<string, string>> {
  const text = await readFile(join(ROOT, 'CONTRIBUTING.md'), 'utf8');
  const blocks = text.matchAll(/^```(?:ts|graphql|json) (\S+)\n(.*?)^```$/gms);
  return new Map([...blocks].map(([, path, code]) => [path as string, code as string]));
}

/** Adds the example's line, and its imports, to the registry. */
function withFeature(registry: string, line: string): string {
  return registry
    .replace(
      '/** The parts',
      "import { notesResolvers } from './notes/notes.resolvers.ts';\nimport { notesRoutes } from './notes/notes.routes.ts';\n\n/** The parts",
    )
    .replace('\n  users: {', `\n  ${line.trim()}\n  users: {`);
}

describe('a feature added as CONTRIBUTING.md describes', () => {
  it('passes the checks and the tests, with no other file edited', { timeout: TIMEOUT_MS }, async ({
    onTestFinished,
  }) => {
    const { path: copy, remove } = await copyProject(COPIED);
    onTestFinished(remove);
    for (const [path, code] of await readExample()) {
      await mkdir(dirname(join(copy, path)), { recursive: true });
      const text = path === REGISTRY ? withFeature(await readFile(join(copy, path), 'utf8'), code) : code;
      await writeFile(join(copy, path), text);
    }
    const env = { ...process.env, PATH: `${join(ROOT, 'node_modules/.bin')}:${process.env.PATH}` };
    const npm = (...args: string[]) => run('npm', ['run', '-s', ...args], { cwd: copy, env });
    await npm('db:generate', '--', '--name', 'notes');
    await npm('codegen');
    await npm('compose');
    await npm('format');
    await npm('check');
    const { stdout } = await run('vitest', ['run', ...TESTS.map((path) => `test/${path}`)], {
      cwd: copy,
      env: { ...env, DATABASE_URL: inject('databaseServerUrl') },
    });
    expect(stdout).toMatch(/Test Files .*8 passed/);
  });
});
