import { readdirSync, readFileSync } from 'node:fs';

/** User and system time of all living threads of a process, in milliseconds; to the nanosecond, unlike /proc/PID/stat. */
export function cpuMs(pid: number): number {
  let nanoseconds = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    nanoseconds += Number(read(`/proc/${pid}/task/${thread}/schedstat`).split(' ')[0]);
  }
  return nanoseconds / 1e6;
}

/** The most memory that a process has ever held, in MB. */
export function peakRssMb(pid: number): number {
  return statusMb(pid, 'VmHWM');
}

/** The memory that a process holds, in MB. */
export function rssMb(pid: number): number {
  return statusMb(pid, 'VmRSS');
}

/** A process and its children, such as PostgreSQL's. */
export function familyOf(pid: number): number[] {
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && parentOf(name) === pid)
    .map(Number);
  return [pid, ...children];
}

/** CPU time of a process and its children so far; a child that has ended meanwhile does not count. */
export function familyCpuMs(pid: number): Map<number, number> {
  return new Map(familyOf(pid).map((member) => [member, cpuMsOrZero(member)]));
}

/** What a family has used between two readings, in milliseconds. */
export function usedBetween(before: ReadonlyMap<number, number>, after: ReadonlyMap<number, number>): number {
  let used = 0;
  for (const [pid, ms] of after) used += ms - (before.get(pid) ?? 0);
  return used;
}

function cpuMsOrZero(pid: number): number {
  try {
    return cpuMs(pid);
  } catch {
    return 0;
  }
}

function parentOf(pid: string): number {
  const stat = read(`/proc/${pid}/stat`);
  // The name, in parentheses, may hold anything.
  return Number(stat.slice(stat.lastIndexOf(')')).split(' ')[2]);
}

function statusMb(pid: number, field: string): number {
  const [, kilobytes = '0'] = new RegExp(`^${field}:\\s*(\\d+)`, 'm').exec(read(`/proc/${pid}/status`)) ?? [];
  return Number(kilobytes) / 1024;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
