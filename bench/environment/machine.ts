import { execFileSync } from 'node:child_process';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { findPython } from '../processes/python.ts';
import type { Environment } from './environment.ts';

/** The machine and the versions of a run. */
export interface Machine {
  /** In UTC, as RFC 3339; results before December 2026 have only the date. */
  date: string;
  /** The commit of the service, with a + when files in `src/` were changed. */
  commit: string;
  cpu: string;
  cores: number;
  memoryGb: number;
  system: string;
  node: string;
  postgres: string;
  python: string;
  pinned: string;
  /** The load average before the run. Above 0.5, other processes were using the machine. */
  loadBefore: number;
}

export function describeMachine({ cores, database }: Environment, loadBefore: number): Machine {
  const [cpu] = cpus();
  return {
    date: new Date().toISOString(),
    commit: currentCommit(),
    cpu: `${cpu?.model.trim()}${cpu?.speed ? `, ${cpu.speed} MHz` : ''}`,
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `Linux ${release()}`,
    node: process.versions.node,
    postgres: database.version,
    python: findPython()?.versions ?? 'none',
    pinned: cores.server === undefined ? 'nothing' : `the server to core ${cores.server}, the rest to ${cores.others}`,
    loadBefore,
  };
}

/** Returns the load average of the last minute. */
export function loadAverage(): number {
  return Math.round((loadavg()[0] ?? 0) * 10) / 10;
}

function currentCommit(): string {
  const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8' }).trim();
  try {
    return git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain', 'src') === '' ? '' : '+');
  } catch {
    return 'unknown';
  }
}
