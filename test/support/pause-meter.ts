import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

/** After a pause, other threads may run before that of the meter. */
const MEASURED_AFTER_MS = 100;

/** A thread of its own measures: code under test that blocks its own thread is no pause. */
const paused = new Int32Array(new SharedArrayBuffer(4));
const thread = new Worker(new URL('pause-meter-thread.ts', import.meta.url), { workerData: paused });
await once(thread, 'message');
thread.unref();

/** Returns the milliseconds of all pauses of the machine so far, and of processor time that its host took. */
export const pausedMs = () => Atomics.load(paused, 0);

/** Returns the same, including a pause that has just ended. */
export async function latestPausedMs(): Promise<number> {
  await delay(MEASURED_AFTER_MS);
  return pausedMs();
}
