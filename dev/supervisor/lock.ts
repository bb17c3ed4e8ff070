import { rmSync } from 'node:fs';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
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
  await mkdir(STATE_DIR, { recursive: true });
  const isStale = !(await createLock());
  if (isStale) {
    const holder = await readHolder();
    if (holder && (await isRunning(holder))) throw alreadyRunning(holder);
    await removeLockOf(holder);
    if (!(await createLock())) throw alreadyRunning(await readHolder());
  }
  process.once('exit', () => rmSync(LOCK_FILE, { force: true }));
  return isStale;
}

/** Returns false when the lock exists. */
async function createLock(): Promise<boolean> {
  return writeFile(LOCK_FILE, String(process.pid), { flag: 'wx' }).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return false;
      throw error;
    },
  );
}

/**
 * Removes the lock of a process that has ended. Of several runs that do so, one renames it; the others find another
 * lock.
 */
async function removeLockOf(holder: number | null): Promise<void> {
  const removed = new URL(`running-${process.pid}`, STATE_DIR);
  await rename(LOCK_FILE, removed).catch(() => undefined);
  if ((await readHolder(removed)) !== holder) await link(removed, LOCK_FILE).catch(() => undefined);
  await rm(removed, { force: true });
}

async function readHolder(file = LOCK_FILE): Promise<number | null> {
  return Number.parseInt(await readFile(file, 'utf8').catch(() => ''), 10) || null;
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
