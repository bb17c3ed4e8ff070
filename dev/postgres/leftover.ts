import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { commandOf } from '../lib/processes.ts';

/**
 * Ends what a killed run may have left in this data directory: a server that is still alive, or a lock whose process id now
 * belongs to an unrelated program (PostgreSQL would refuse to start). The caller vouches that nobody else uses the directory.
 */
export async function clearLeftover(data: string): Promise<void> {
  const lock = join(data, 'postmaster.pid');
  const pid = Number.parseInt(await readFile(lock, 'utf8').catch(() => ''), 10);
  if (!(pid > 0)) return;
  if (!(await isPostgres(pid, data))) return rm(lock, { force: true });
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    send(pid, signal, data);
    for (let tries = 0; tries < 100 && (await isPostgres(pid, data)); tries++) await sleep(50);
  }
  if (await isPostgres(pid, data)) throw new Error(refusal(pid, data));
}

async function isPostgres(pid: number, data: string): Promise<boolean> {
  const command = await commandOf(pid);
  return command.includes('postgres') && command.includes(data);
}

function send(pid: number, signal: NodeJS.Signals, data: string): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw new Error(refusal(pid, data), { cause: error });
  }
}

const refusal = (pid: number, data: string) =>
  `PostgreSQL (process ${pid}) still uses ${data} and does not stop; end it and start again.`;
