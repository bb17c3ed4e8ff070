import { parentPort, workerData } from 'node:worker_threads';
import { readStolenMs } from './stolen-time.ts';

const INTERVAL_MS = 20;
/** Longer than the delays of a timer on a machine whose processors are all busy. */
const MIN_PAUSE_MS = 200;
const STOLEN_INTERVAL_MS = 100;
/** Stolen in one interval: a fifth of the time of two processors. */
const MIN_STOLEN_MS = 40;

const paused: Int32Array = workerData;
let last = performance.now();
let lastStolenMs = readStolenMs();

setInterval(() => {
  const now = performance.now();
  const ms = now - last - INTERVAL_MS;
  if (ms > MIN_PAUSE_MS) Atomics.add(paused, 0, Math.round(ms));
  last = now;
}, INTERVAL_MS);

setInterval(() => {
  const stolenMs = readStolenMs();
  if (stolenMs - lastStolenMs >= MIN_STOLEN_MS) Atomics.add(paused, 0, stolenMs - lastStolenMs);
  lastStolenMs = stolenMs;
}, STOLEN_INTERVAL_MS);
parentPort?.postMessage('started');
