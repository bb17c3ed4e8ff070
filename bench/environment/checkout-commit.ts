import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CliError } from '../../dev/lib/cli-error.ts';
import { print } from '../../dev/lib/output.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const VERSIONS = join(PROJECT, '.dev/bench/versions');
/** The files that determine the installed packages. */
const DEPENDENCY_FILES = ['package-lock.json', 'patches'];

/**
 * Extracts a commit of the service, with its packages, and returns the folder. The folder is named after the
 * abbreviated hash. The packages of the project are shared when the lock file and the patches are the same.
 * @throws CliError when the commit does not exist or its packages cannot be installed
 */
export function checkoutCommit(revision: string): string {
  const hash = resolveCommit(revision);
  const folder = join(VERSIONS, hash);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const archive = execFileSync('git', ['archive', hash], { cwd: PROJECT, maxBuffer: Number.POSITIVE_INFINITY });
  execFileSync('tar', ['--extract', '--directory', folder], { input: archive });
  if (DEPENDENCY_FILES.every((path) => isSame(join(PROJECT, path), join(folder, path)))) {
    symlinkSync(join(PROJECT, 'node_modules'), join(folder, 'node_modules'));
  } else {
    installPackages(hash, folder);
  }
  return folder;
}

function resolveCommit(revision: string): string {
  const args = ['rev-parse', '--verify', '--quiet', '--short', `${revision}^{commit}`];
  const { status, stdout } = spawnSync('git', args, { cwd: PROJECT, encoding: 'utf8' });
  if (status !== 0) throw new CliError(`--compare must be a commit, but is "${revision}".`);
  return stdout.trim();
}

function isSame(path: string, otherPath: string): boolean {
  return spawnSync('diff', ['--recursive', '--brief', path, otherPath]).status === 0;
}

function installPackages(hash: string, folder: string): void {
  print(`Installing the packages of ${hash} (npm ci).`);
  const { status } = spawnSync('npm', ['ci', '--omit=dev'], { cwd: folder, stdio: 'inherit' });
  if (status !== 0) throw new CliError(`"npm ci" failed for ${hash}.`);
}
