import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');

const readJson = async (name: string) => JSON.parse(await readFile(join(ROOT, name), 'utf8'));

/**
 * Prints what production runs as CycloneDX. npm is shown a project that has nothing but that: `npm sbom --omit=dev` also
 * leaves out whatever a development dependency happens to need as well (npm/cli#7909).
 */
async function printSbom(): Promise<number> {
  const parent = await mkdtemp(join(tmpdir(), 'sbom-'));
  try {
    const project = join(parent, 'user-service');
    await mkdir(project);
    const lock = await readJson('package-lock.json');
    const { '': root, ...installed } = lock.packages as Record<string, { dev?: boolean }>;
    const running = Object.entries(installed).filter(([, { dev }]) => !dev);
    const packages = { '': { ...root, devDependencies: {} }, ...Object.fromEntries(running) };
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
