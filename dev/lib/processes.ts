import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Returns the command line of a process, or an empty string when the process does not exist. Linux is read from /proc,
 * because slim images have no `ps`.
 */
export async function readCommandLine(pid: number): Promise<string> {
  if (process.platform === 'linux') return readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  const listed = await run('ps', ['-o', 'command=', '-p', String(pid)]).catch(() => null);
  return listed?.stdout ?? '';
}

/** Returns the process id of a process's parent, or 0 when the process does not exist. */
export async function readParentPid(pid: number): Promise<number> {
  if (process.platform === 'linux') {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    // The second field is the command name in parentheses, which can contain spaces and parentheses.
    return Number(stat.slice(stat.lastIndexOf(')')).split(' ')[2] ?? 0);
  }
  const listed = await run('ps', ['-o', 'ppid=', '-p', String(pid)]).catch(() => null);
  return Number(listed?.stdout ?? 0);
}
