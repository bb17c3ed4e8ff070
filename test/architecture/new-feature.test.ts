import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, inject, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const COPIED = ['src', 'schema', 'drizzle', 'dev', 'test', 'bench', 'scripts', 'docs', 'patches'];
const COPIED_FILES = [
  'package.json',
  'biome.json',
  'tsconfig.json',
  'vitest.config.ts',
  'README.md',
  'CONTRIBUTING.md',
];
const REGISTRY = 'src/features/registry.ts';
/** Alone on an idle machine of two cores the test takes about a minute. */
const TIMEOUT_MS = 240_000;

const run = promisify(execFile);

/** Returns the code blocks of CONTRIBUTING.md that name a file, by that name. */
async function readExample(): Promise<Map<string, string>> {
  const text = await readFile(join(ROOT, 'CONTRIBUTING.md'), 'utf8');
  const blocks = text.matchAll(/^```(?:ts|graphql) (\S+)\n(.*?)^```$/gms);
  return new Map([...blocks].map(([, path, code]) => [path as string, code as string]));
}

/** Copies the project to a temporary folder, which shares its node_modules. */
async function copyProject(): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), 'user-service-feature-'));
  const filter = (path: string) => !path.includes('node_modules');
  for (const folder of COPIED) await cp(join(ROOT, folder), join(copy, folder), { recursive: true, filter });
  for (const file of COPIED_FILES) await cp(join(ROOT, file), join(copy, file));
  await symlink(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  return copy;
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
  it('passes the checks and serves its field, with no other file edited', { timeout: TIMEOUT_MS }, async ({
    onTestFinished,
  }) => {
    const copy = await copyProject();
    onTestFinished(() => rm(copy, { recursive: true }));
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
    const { stdout } = await run('vitest', ['run', 'test/features/notes'], {
      cwd: copy,
      env: { ...env, DATABASE_URL: inject('databaseServerUrl') },
    });
    expect(stdout).toMatch(/Tests .*3 passed/);
  });
});
