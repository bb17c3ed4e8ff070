import { rmSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { commandOf } from '../lib/processes.ts';
import { KEPT, URLS } from './addresses.ts';
import { Problem } from './problem.ts';

const FILE = new URL('running', KEPT);

/**
 * One run at a time per checkout; let go of when this process exits. True when the last run left its lock, killed before
 * it could stop what it had started.
 */
export async function takeLock(): Promise<boolean> {
  const owner = await currentOwner();
  if (owner && (await isRun(owner))) throw alreadyRunning(owner);
  await rm(FILE, { force: true });
  await mkdir(KEPT, { recursive: true });
  await writeFile(FILE, String(process.pid), { flag: 'wx' }).catch(async () => {
    throw alreadyRunning(await currentOwner());
  });
  process.once('exit', () => rmSync(FILE, { force: true }));
  return owner !== null;
}

async function currentOwner(): Promise<number | null> {
  return Number.parseInt(await readFile(FILE, 'utf8').catch(() => ''), 10) || null;
}

/** A number alone proves nothing: another program may have it by now, in a container even this one. */
async function isRun(pid: number): Promise<boolean> {
  return pid !== process.pid && (await commandOf(pid)).includes('dev/main.ts');
}

function alreadyRunning(pid: number | null): Problem {
  return new Problem(
    `The supergraph is already running (process ${pid ?? 'unknown'}): open ${URLS.gateway}/graphql, or stop it with Ctrl-C where it runs.`,
  );
}
