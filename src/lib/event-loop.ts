import { setImmediate } from 'node:timers/promises';

/**
 * Returns a function whose promises resolve one after another, at most one in each iteration of the event loop. Work
 * that blocks the thread waits for it, so that other requests are served in between.
 */
export function onePerIteration(): () => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  return () => {
    last = last.then(() => setImmediate());
    return last;
  };
}
