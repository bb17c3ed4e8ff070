import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readCommandLine } from '../lib/processes.ts';

/** SIGINT asks PostgreSQL for a fast shutdown, SIGQUIT for an immediate one. */
const SHUTDOWN_SIGNALS = ['SIGINT', 'SIGQUIT'] as const;
/** Polls after each signal; with the interval, 5 seconds. */
const POLLS_PER_SIGNAL = 100;
const POLL_INTERVAL_MS = 50;

/**
 * Stops a server that a killed process left running on this PGDATA. Removes postmaster.pid when its process id
 * belongs to another program, because PostgreSQL would not start. No other process may use `pgdata`.
 * @throws Error when the server does not stop
 */
export async function stopStalePostmaster(pgdata: string): Promise<void> {
  const pidFile = join(pgdata, 'postmaster.pid');
  const pid = Number.parseInt(await readFile(pidFile, 'utf8').catch(() => ''), 10);
  if (!(pid > 0)) return;
  if (!(await isPostmaster(pid, pgdata))) return rm(pidFile, { force: true });
  for (const signal of SHUTDOWN_SIGNALS) {
    sendSignal(pid, signal, pgdata);
    for (let poll = 0; poll < POLLS_PER_SIGNAL && (await isPostmaster(pid, pgdata)); poll++) {
      await sleep(POLL_INTERVAL_MS);
    }
  }
  if (await isPostmaster(pid, pgdata)) throw new Error(stillRunning(pid, pgdata));
}

async function isPostmaster(pid: number, pgdata: string): Promise<boolean> {
  const commandLine = await readCommandLine(pid);
  return commandLine.includes('postgres') && commandLine.includes(pgdata);
}

function sendSignal(pid: number, signal: NodeJS.Signals, pgdata: string): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw new Error(stillRunning(pid, pgdata), { cause: error });
  }
}

const stillRunning = (pid: number, pgdata: string) =>
  `PostgreSQL (process ${pid}) still uses ${pgdata} and does not stop: end the process and try again.`;
