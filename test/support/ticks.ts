import { onTestFinished } from 'vitest';

const TICK_MS = 50;

/**
 * Starts to measure time as the service does for the calls of the auth-service: in ticks of 50 ms, which a blocked event
 * loop delays. Returns a function that returns the milliseconds.
 */
export function startTicks(): () => number {
  let ms = 0;
  const ticks = setInterval(() => {
    ms += TICK_MS;
  }, TICK_MS);
  onTestFinished(() => clearInterval(ticks));
  return () => ms;
}
