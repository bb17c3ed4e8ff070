import { rmSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { STATE_DIR, URLS } from '../config.ts';
import { CliError } from '../lib/cli-error.ts';
import { readCommandLine } from '../lib/processes.ts';

const LOCK_FILE = new URL('running', STATE_DIR);

/**
 * Acquires the lock that allows one run per checkout, until this process exits. Returns whether the lock was stale: the
 * earlier run was killed, and its processes may still be stopping.
 * @throws CliError when another run holds the lock
 */
export async function acquireLock(): Promise<boolean> {
  const holder = await readHolder();
  if (holder && (await isRunning(holder))) throw alreadyRunning(holder);
  await rm(LOCK_FILE, { force: true });
  await mkdir(STATE_DIR, { recursive: true });
  await writeFile(LOCK_FILE, String(process.pid), { flag: 'wx' }).catch(async () => {
    throw alreadyRunning(await readHolder());
  });
  process.once('exit', () => rmSync(LOCK_FILE, { force: true }));
  return holder !== null;
}

async function readHolder(): Promise<number | null> {
  return Number.parseInt(await readFile(LOCK_FILE, 'utf8').catch(() => ''), 10) || null;
}

/** Compares the command line too: the system may have reused the id, in a container even for this process. */
async function isRunning(pid: number): Promise<boolean> {
  return pid !== process.pid && (await readCommandLine(pid)).includes('dev/main.ts');
}

function alreadyRunning(pid: number | null): CliError {
  return new CliError(
    `The supergraph is already running (process ${pid ?? 'unknown'}): open ${URLS.gateway}/graphql, or stop it with Ctrl-C in its terminal.`,
  );
}
