import { onTestFinished } from 'vitest';

const TICK_MS = 50;

/**
 * Starts to measure time as the service does for calls of the auth-service, and returns a function that returns the
 * milliseconds. A blocked event loop delays the ticks.
 */
export function startTicks(): () => number {
  let ms = 0;
  const ticks = setInterval(() => {
    ms += TICK_MS;
  }, TICK_MS);
  onTestFinished(() => clearInterval(ticks));
  return () => ms;
}
