import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { say } from '../../dev/lib/say.ts';

const BENCH = fileURLToPath(new URL('..', import.meta.url));

/**
 * Installs the peers' packages when they are not there.
 * @throws Error where the benchmark cannot run
 */
export function prepare(): void {
  if (process.platform !== 'linux') throw new Error('The benchmark reads CPU time from /proc: it runs on Linux alone.');
  if (existsSync(`${BENCH}node_modules`)) return;
  say('Installing the peers: npm ci in bench/');
  const { status } = spawnSync('npm', ['ci'], { cwd: BENCH, stdio: 'inherit' });
  if (status !== 0) throw new Error('npm ci failed in bench/.');
}
