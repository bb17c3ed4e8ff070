import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';

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

/**
 * Expects that the process takes less CPU time for the work than the limit, which was chosen on an idle machine. Over
 * it, the work is repeated once, and the limit is as many times greater as a fixed amount of work takes longer now.
 */
export async function expectCpuTime(pid: number, maxMs: number, work: () => Promise<unknown>): Promise<void> {
  const measure = async () => {
    const before = cpuTime(pid);
    await work();
    return cpuTime(pid) - before;
  };
  let ms = await measure();
  if (ms >= maxMs) ms = Math.min(ms, await measure());
  expect(ms).toBeLessThan(ms < maxMs ? maxMs : maxMs * slowness());
}

/** CPU time of `parseOften` on the machine on which the limits were chosen. */
const USUAL_MS = 120;
const TEXT = JSON.stringify(Array.from({ length: 20_000 }, (_, n) => ({ id: n, name: `name ${n}`, list: [n, n + 1] })));

function parseOften(): number {
  const { user: before } = process.cpuUsage();
  for (let i = 0; i < 10; i++) JSON.stringify(JSON.parse(TEXT));
  return (process.cpuUsage().user - before) / 1000;
}

/** Returns how many times longer the processor takes for the same work than usual; at least 1. */
function slowness(): number {
  return Math.max(1, Math.min(parseOften(), parseOften()) / USUAL_MS);
}

function statusOf(pid: number, field: string): number {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(text)?.[1]) / 1024;
}
