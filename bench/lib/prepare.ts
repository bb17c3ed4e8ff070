import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CliError } from '../../dev/lib/cli-error.ts';
import { print } from '../../dev/lib/output.ts';
import { readCommandLine } from '../../dev/lib/processes.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const KEPT = `${PROJECT}.dev/bench/`;
const LOCK = `${KEPT}running`;

/**
 * Sees that nothing stands in the way: installs the peers' packages when they are not there, and checks their types, for
 * `npm run check` has to do without those packages.
 * @throws CliError
 */
export async function prepare(): Promise<void> {
  if (process.platform !== 'linux')
    throw new CliError('The benchmark reads CPU time from /proc: it runs on Linux alone.');
  await takeLock();
  if (!existsSync(`${PROJECT}bench/node_modules`)) {
    print('Installing the peers: npm ci in bench/');
    run('npm', ['ci', '--prefix', 'bench']);
  }
  run('node_modules/.bin/tsc', ['--project', 'bench']);
}

/** One run at a time in a checkout: two would share a database, and the machine. */
async function takeLock(): Promise<void> {
  const owner = existsSync(LOCK) ? Number.parseInt(readFileSync(LOCK, 'utf8'), 10) : 0;
  if (owner > 0 && (await readCommandLine(owner)).includes('bench/main.ts')) {
    throw new CliError(`The benchmark is already running (process ${owner}).`);
  }
  mkdirSync(KEPT, { recursive: true });
  writeFileSync(LOCK, String(process.pid));
  process.once('exit', () => rmSync(LOCK, { force: true }));
}

function run(command: string, args: readonly string[]): void {
  const { status } = spawnSync(command, args, { cwd: PROJECT, stdio: 'inherit' });
  if (status !== 0) throw new CliError(`"${command} ${args.join(' ')}" failed.`);
}
