import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The command line of a process; empty when there is none. Slim images have no `ps`, other systems have no /proc. */
export async function commandOf(pid: number): Promise<string> {
  if (process.platform === 'linux') return readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  const listed = await run('ps', ['-o', 'command=', '-p', String(pid)]).catch(() => null);
  return listed?.stdout ?? '';
}

/** 0 when there is no such process. */
export async function parentOf(pid: number): Promise<number> {
  if (process.platform === 'linux') {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    // The name, in parentheses, may hold anything.
    return Number(stat.slice(stat.lastIndexOf(')')).split(' ')[2] ?? 0);
  }
  const listed = await run('ps', ['-o', 'ppid=', '-p', String(pid)]).catch(() => null);
  return Number(listed?.stdout ?? 0);
}
