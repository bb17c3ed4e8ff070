import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CliError } from '../../dev/lib/cli-error.ts';
import { print } from '../../dev/lib/output.ts';
import { readCommandLine } from '../../dev/lib/processes.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const DATA = `${PROJECT}.dev/bench/`;
const LOCK = `${DATA}running`;

/**
 * Checks the platform, takes the lock of the checkout, and installs and type-checks the peers. `npm run check` does not
 * check their types, because it runs without their packages.
 * @throws CliError
 */
export async function preflight(): Promise<void> {
  if (process.platform !== 'linux') {
    throw new CliError(`The benchmark reads CPU time from /proc and requires Linux, not ${process.platform}.`);
  }
  await takeLock();
  if (!existsSync(`${PROJECT}bench/node_modules`)) {
    print('Installing the packages of the peers (npm ci in bench/).');
    run('npm', ['ci', '--prefix', 'bench']);
  }
  run('node_modules/.bin/tsc', ['--project', 'bench']);
}

/** Allows one run in a checkout at a time, because runs share the database and the cores. */
async function takeLock(): Promise<void> {
  const owner = existsSync(LOCK) ? Number.parseInt(readFileSync(LOCK, 'utf8'), 10) : 0;
  if (owner > 0 && (await readCommandLine(owner)).includes('bench/main.ts')) {
    throw new CliError(`The benchmark is already running in process ${owner}.`);
  }
  mkdirSync(DATA, { recursive: true });
  writeFileSync(LOCK, String(process.pid));
  process.once('exit', () => rmSync(LOCK, { force: true }));
}

function run(command: string, args: readonly string[]): void {
  const { status } = spawnSync(command, args, { cwd: PROJECT, stdio: 'inherit' });
  if (status !== 0) throw new CliError(`"${command} ${args.join(' ')}" failed.`);
}
