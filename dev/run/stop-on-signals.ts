import { setTimeout as sleep } from 'node:timers/promises';
import { commandOf, parentOf } from '../lib/processes.ts';
import { say } from '../lib/say.ts';
import type { Stack } from './stack.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const ONE_KEY_PRESS_MS = 1000;
const LOOK_FOR_NPM_MS = 1000;

/** The first signal stops the stack in order, another one a moment later forces it. */
export function stopOnSignals(stack: Stack): void {
  let firstAt: number | undefined;
  const stop = () => {
    if (firstAt === undefined) {
      firstAt = Date.now();
      say('Stopping; Ctrl-C again to force it.');
      void leave(stack);
    } else if (Date.now() - firstAt > ONE_KEY_PRESS_MS) {
      stack.kill();
      process.exit(1);
    }
    // Otherwise it is the same key: the terminal signals us, and npm hands its own signal on.
  };
  for (const signal of SIGNALS) process.on(signal, stop);
  void stopWithNpm(stop);
}

async function leave(stack: Stack): Promise<void> {
  const stopped = await stack.stop().then(
    () => true,
    () => false,
  );
  process.exit(stopped ? 0 : 1);
}

/** A killed npm cannot hand a signal on; without this, its stack would run on unseen. */
async function stopWithNpm(stop: () => void): Promise<void> {
  if (!process.env.npm_lifecycle_event) return;
  const npm = await npmProcess();
  while ((await npmProcess()) === npm) await sleep(LOOK_FOR_NPM_MS, undefined, { ref: false });
  stop();
}

/** Our parent, or its parent where npm's shell stays between the two. */
async function npmProcess(): Promise<number> {
  const parent = process.ppid;
  const isShell = (await commandOf(parent)).includes('dev/main.ts');
  return isShell ? parentOf(parent) : parent;
}
