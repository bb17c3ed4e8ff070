import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** CPU lists of `taskset`. Undefined when nothing is pinned. */
export interface CpuAllocation {
  /** The core of the measured server. */
  server: string | undefined;
  /** The cores of the load generator, PostgreSQL and the auth-service stub. */
  others: string | undefined;
}

/** Allocates one core to the measured server. Nothing is pinned with a single core or without `taskset`. */
export function allocateCores(): CpuAllocation {
  const allowed = allowedCores();
  if (allowed.length < 2 || !isInstalled('taskset')) return { server: undefined, others: undefined };
  return { server: String(allowed.at(-1)), others: allowed.slice(0, -1).join(',') };
}

/** Wraps a command, so that it runs on these cores and is killed when this process ends, even by SIGKILL. */
export function confine(command: readonly string[], cores: string | undefined): string[] {
  return [
    ...(isInstalled('setpriv') ? ['setpriv', '--pdeathsig', 'KILL'] : []),
    ...(cores === undefined ? [] : ['taskset', '--cpu-list', cores]),
    ...command,
  ];
}

/** Pins running processes with all their threads. */
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

const installed = new Map<string, boolean>();

function isInstalled(program: string): boolean {
  const result = installed.get(program) ?? spawnSync(program, ['--version']).status === 0;
  installed.set(program, result);
  return result;
}
