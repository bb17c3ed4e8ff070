import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface Cores {
  /** The core that the measured server has to itself; undefined when nothing is pinned. */
  server: string | undefined;
  /** Where everything else runs: the load, PostgreSQL, the stand-in of the auth-service. */
  others: string | undefined;
}

/** One core for the server, the rest for everything else; nobody is pinned where there is only one, or no `taskset`. */
export function divideCores(): Cores {
  const allowed = allowedCores();
  if (allowed.length < 2 || !exists('taskset')) return { server: undefined, others: undefined };
  return { server: String(allowed.at(-1)), others: allowed.slice(0, -1).join(',') };
}

/** The command so that it runs on these cores, and dies when we do, however that happens. */
export function confine(command: readonly string[], cores: string | undefined): string[] {
  return [
    ...(exists('setpriv') ? ['setpriv', '--pdeathsig', 'KILL'] : []),
    ...(cores === undefined ? [] : ['taskset', '--cpu-list', cores]),
    ...command,
  ];
}

/** Moves running processes, with all their threads. */
export function pinProcesses(pids: readonly number[], cores: string | undefined): void {
  if (cores === undefined) return;
  for (const pid of pids) spawnSync('taskset', ['--all-tasks', '--pid', '--cpu-list', cores, String(pid)]);
}

function allowedCores(): number[] {
  const [, list = ''] = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return list.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}

const known = new Map<string, boolean>();

function exists(program: string): boolean {
  const found = known.get(program) ?? spawnSync(program, ['--version']).status === 0;
  known.set(program, found);
  return found;
}
