import { setTimeout as sleep } from 'node:timers/promises';

/** Waits without keeping the process alive; returns early on `stop`. */
export async function pause(ms: number, stop: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal: stop, ref: false }).catch(() => undefined);
}

/** Returns once to twice the time: replicas that start together run at different times. */
export function withJitter(ms: number): number {
  return ms * (1 + Math.random());
}

/**
 * Rejects after the time, without keeping the process alive. After a stall of the event loop, responses that have
 * arrived are read first.
 */
export function rejectAfter(ms: number, message: string): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(() => setImmediate(() => reject(new Error(message))), ms).unref();
  });
}
