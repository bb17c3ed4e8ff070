import { readdirSync, readFileSync } from 'node:fs';

/**
 * Returns the user and system time of a process, in milliseconds: `schedstat` counts nanoseconds, `stat` only ticks.
 */
export function cpuTimeMs(pid: number): number {
  let nanoseconds = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    nanoseconds += Number(readOrEmpty(`/proc/${pid}/task/${thread}/schedstat`).split(' ')[0]);
  }
  return nanoseconds / 1e6;
}

/** Returns the peak resident set size of a process, in MB. */
export function peakRssMb(pid: number): number {
  return statusMb(pid, 'VmHWM');
}

/** Returns the resident set size of a process, in MB. */
export function rssMb(pid: number): number {
  return statusMb(pid, 'VmRSS');
}

/** Returns the process and its children. */
export function processTree(pid: number): number[] {
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && parentOf(name) === pid)
    .map(Number);
  return [pid, ...children];
}

/** CPU time by process id, in milliseconds. */
type CpuTimes = ReadonlyMap<number, number>;

/** Returns the CPU times of a process and its children. */
export function treeCpuTimes(pid: number): CpuTimes {
  return new Map(processTree(pid).map((member) => [member, cpuTimeOrZero(member)]));
}

/** Returns the CPU time between two readings, in milliseconds. A process that exits in between does not count. */
export function cpuTimeBetween(before: CpuTimes, after: CpuTimes): number {
  let total = 0;
  for (const [pid, ms] of after) total += ms - (before.get(pid) ?? 0);
  return total;
}

function cpuTimeOrZero(pid: number): number {
  try {
    return cpuTimeMs(pid);
  } catch {
    return 0;
  }
}

function parentOf(pid: string): number {
  const stat = readOrEmpty(`/proc/${pid}/stat`);
  // The process name, in parentheses, can contain any character.
  return Number(stat.slice(stat.lastIndexOf(')')).split(' ')[2]);
}

function statusMb(pid: number, field: string): number {
  const [, kilobytes = '0'] = new RegExp(`^${field}:\\s*(\\d+)`, 'm').exec(readOrEmpty(`/proc/${pid}/status`)) ?? [];
  return Number(kilobytes) / 1024;
}

/** Returns an empty string when the process or thread has exited. */
function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
