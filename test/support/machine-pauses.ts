import { afterEach, beforeEach } from 'vitest';
import { latestPausedMs, pausedMs } from './pause-meter.ts';

let before = 0;

beforeEach(() => {
  before = pausedMs();
});

/**
 * Marks the error of a test during which the machine paused, or the host of a virtual machine took a large part of the
 * processors. Locks and calls then exceed their time limits. `retry` in vitest.config.ts repeats tests with this mark
 * only.
 */
afterEach(async ({ task }) => {
  if (task.result?.state !== 'fail') return;
  const ms = (await latestPausedMs()) - before;
  const error = task.result.errors?.at(-1);
  if (ms > 0 && error !== undefined) error.message += `\nThe machine paused ${ms} ms during this test.`;
});
