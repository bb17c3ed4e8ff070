import { execFileSync } from 'node:child_process';
import { cpus, loadavg, release, totalmem } from 'node:os';
import type { Bench } from './bench.ts';
import { findPython } from './python.ts';

/** Where and when figures were taken. */
export interface Machine {
  /** UTC. */
  date: string;
  /** Of the service; with a + where files had been changed. */
  commit: string;
  cpu: string;
  cores: number;
  memoryGb: number;
  system: string;
  node: string;
  postgres: string;
  python: string;
  pinned: string;
  /** Before the run: how many processes wanted a core. Above 0.5 or so, somebody else was at work. */
  loadBefore: number;
}

export function describeMachine({ cores, database }: Bench, loadBefore: number): Machine {
  const [cpu] = cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    commit: commit(),
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

/** Of the last minute. */
export function presentLoad(): number {
  return Math.round((loadavg()[0] ?? 0) * 10) / 10;
}

function commit(): string {
  const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8' }).trim();
  try {
    return git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain', 'src') === '' ? '' : '+');
  } catch {
    return 'unknown';
  }
}
