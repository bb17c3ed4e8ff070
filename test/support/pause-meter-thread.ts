import { parentPort, workerData } from 'node:worker_threads';

const INTERVAL_MS = 20;
/** Longer than the delays of a timer on a machine whose processors are all busy. */
const MIN_PAUSE_MS = 200;

const paused: Int32Array = workerData;
let last = performance.now();

setInterval(() => {
  const now = performance.now();
  const ms = now - last - INTERVAL_MS;
  if (ms > MIN_PAUSE_MS) Atomics.add(paused, 0, Math.round(ms));
  last = now;
}, INTERVAL_MS);
parentPort?.postMessage('started');
