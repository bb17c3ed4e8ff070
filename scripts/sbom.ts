import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');

const readJson = async (name: string) => JSON.parse(await readFile(join(ROOT, name), 'utf8'));

/**
 * Prints the SBOM of the production dependencies in CycloneDX format. Runs npm in a temporary project with these
 * dependencies only, because `npm sbom --omit=dev` omits dependencies that development also needs (npm/cli#7909).
 */
async function printSbom(): Promise<number> {
  const parent = await mkdtemp(join(tmpdir(), 'sbom-'));
  try {
    const project = join(parent, 'user-service');
    await mkdir(project);
    const lock = await readJson('package-lock.json');
    const { '': root, ...installed } = lock.packages as Record<string, { dev?: boolean }>;
    const production = Object.entries(installed).filter(([, { dev }]) => !dev);
    const packages = { '': { ...root, devDependencies: {} }, ...Object.fromEntries(production) };
    const manifest = { ...(await readJson('package.json')), devDependencies: {} };
    await writeFile(join(project, 'package.json'), JSON.stringify(manifest));
    await writeFile(join(project, 'package-lock.json'), JSON.stringify({ ...lock, packages }));
    const args = ['sbom', '--package-lock-only', '--sbom-format=cyclonedx', '--sbom-type=application'];
    return spawnSync('npm', args, { cwd: project, stdio: 'inherit' }).status ?? 1;
  } finally {
    await rm(parent, { recursive: true });
  }
}

process.exitCode = await printSbom();
