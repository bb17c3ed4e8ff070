import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/** Whether the kernel shows the usage of processes: Linux does. */
export const showsUsage = existsSync('/proc/self/status');

/** Length of a clock tick in /proc, which is the same on all Linux systems. */
const TICK_MS = 10;

/** Returns the maximum of the resident memory since `resetPeakMemory`, in MB. */
export function peakMemory(pid: number): number {
  return statusOf(pid, 'VmHWM');
}

export function resetPeakMemory(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

/** Returns the CPU time of a process and all its threads, in milliseconds. */
export function cpuTime(pid: number): number {
  const [, fields = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
  const [user = 0, system = 0] = fields.split(' ').slice(11, 13).map(Number);
  return (user + system) * TICK_MS;
}

function statusOf(pid: number, field: string): number {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(text)?.[1]) / 1024;
}
