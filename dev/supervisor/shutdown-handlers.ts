import { setTimeout as sleep } from 'node:timers/promises';
import { SHUTDOWN_SIGNALS } from '../lib/close-on-signal.ts';
import { print } from '../lib/output.ts';
import { readCommandLine, readParentPid } from '../lib/processes.ts';
import type { Supervisor } from './supervisor.ts';

/** One Ctrl-C can deliver two signals: one from the terminal and one that npm forwards. */
const SAME_KEY_PRESS_MS = 1000;
const NPM_POLL_INTERVAL_MS = 1000;

/** Stops all processes in order at the first signal; a second key press kills them. */
export function installShutdownHandlers(supervisor: Supervisor): void {
  let firstSignalAt: number | undefined;
  const onSignal = () => {
    if (firstSignalAt === undefined) {
      firstSignalAt = Date.now();
      print('Stopping; press Ctrl-C again to kill all processes.');
      void stopAndExit(supervisor);
    } else if (Date.now() - firstSignalAt > SAME_KEY_PRESS_MS) {
      supervisor.kill();
      process.exit(1);
    }
  };
  for (const signal of SHUTDOWN_SIGNALS) process.on(signal, onSignal);
  void stopWhenNpmEnds(onSignal);
}

async function stopAndExit(supervisor: Supervisor): Promise<void> {
  const stopped = await supervisor.stop().then(
    () => true,
    () => false,
  );
  process.exit(stopped ? 0 : 1);
}

/** Stops when npm ends: npm forwards no signal when it is killed, and the supergraph would keep running. */
async function stopWhenNpmEnds(stop: () => void): Promise<void> {
  if (!process.env.npm_lifecycle_event) return;
  const npmPid = await findNpmPid();
  while ((await findNpmPid()) === npmPid) await sleep(NPM_POLL_INTERVAL_MS, undefined, { ref: false });
  stop();
}

/** Returns the parent's process id, or the grandparent's where npm's shell runs between npm and this process. */
async function findNpmPid(): Promise<number> {
  const parentPid = process.ppid;
  const isShell = (await readCommandLine(parentPid)).includes('dev/main.ts');
  return isShell ? readParentPid(parentPid) : parentPid;
}
