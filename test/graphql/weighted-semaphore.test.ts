import { setImmediate as nextIteration } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { weightedSemaphore } from '../../src/lib/weighted-semaphore.ts';

const MAX_WAIT_MS = 2000;
const TIMEOUT = new Error('no capacity in time');

function createSemaphore() {
  const acquire = weightedSemaphore({ capacity: 4000, maxWaitMs: MAX_WAIT_MS, timeoutError: TIMEOUT });
  const acquired: string[] = [];
  /** Starts an acquisition, whose outcome is its release or its error. */
  const start = (name: string, weight: number, priority = 0) =>
    acquire(weight, priority).then(
      (release) => {
        acquired.push(name);
        return release;
      },
      (error: unknown) => error,
    );
  return { start, acquired };
}

describe('the weighted semaphore', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
  afterEach(() => void vi.useRealTimers());

  it('creates a timer only for an acquisition that waits', async () => {
    const { start } = createSemaphore();
    await start('a', 3000);
    expect(vi.getTimerCount()).toBe(0);
    void start('b', 2000);
    await nextIteration();
    expect(vi.getTimerCount()).toBe(1);
  });

  it('rejects an acquisition that has waited for the maximum time', async () => {
    const { start } = createSemaphore();
    await start('a', 3000);
    const waiting = start('b', 2000);
    vi.advanceTimersByTime(MAX_WAIT_MS);
    expect(await waiting).toBe(TIMEOUT);
  });

  it('acquires free capacity at once behind an acquisition whose time is over', async () => {
    const { start, acquired } = createSemaphore();
    await start('a', 3500);
    const late = start('b', 900, 1);
    vi.advanceTimersByTime(MAX_WAIT_MS);
    expect(await late).toBe(TIMEOUT);
    await start('c', 400, 1);
    expect(acquired).toEqual(['a', 'c']);
  });

  it('lets no acquisition overtake one of the same or a higher priority that waits', async () => {
    const { start, acquired } = createSemaphore();
    const release = await start('a', 3500);
    void start('large', 2000, 0);
    void start('medium', 900, 1);
    void start('small', 400, 1);
    await nextIteration();
    expect(acquired).toEqual(['a']);
    (release as () => void)();
    await nextIteration();
    expect(acquired).toEqual(['a', 'medium', 'small', 'large']);
  });
});
