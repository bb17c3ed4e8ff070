import { setImmediate as nextIteration, setTimeout as sleep } from 'node:timers/promises';
import { E_TIMEOUT } from 'async-mutex';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Permit, WeightedSemaphore } from '../../src/lib/weighted-semaphore.ts';

const MAX_WAIT_MS = 2000;

function createSemaphore() {
  const semaphore = new WeightedSemaphore({
    capacity: 4000,
    maxSuspended: 5000,
    maxWaitMs: MAX_WAIT_MS,
  });
  const acquired: string[] = [];
  /** Starts an acquisition, and returns its permit or its error. */
  const start = (name: string, weight: number, headStartMs = 0) =>
    semaphore.acquire(weight, headStartMs).then(
      (permit) => {
        acquired.push(name);
        return permit;
      },
      (error: unknown) => error as Permit,
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
    expect(await waiting).toBe(E_TIMEOUT);
  });

  it('acquires free capacity at once behind an acquisition whose time is over', async () => {
    const { start, acquired } = createSemaphore();
    await start('a', 3500);
    const late = start('b', 900, 500);
    vi.advanceTimersByTime(MAX_WAIT_MS);
    expect(await late).toBe(E_TIMEOUT);
    await start('c', 400, 500);
    expect(acquired).toEqual(['a', 'c']);
  });

  it('grants waiting acquisitions in order, those with a head start before others that have waited for less', async () => {
    const { start, acquired } = createSemaphore();
    const first = await start('a', 3500);
    void start('large', 2000);
    void start('medium', 900, 500);
    void start('small', 400, 500);
    await nextIteration();
    expect(acquired).toEqual(['a']);
    first.release();
    await nextIteration();
    expect(acquired).toEqual(['a', 'medium', 'small', 'large']);
  });

  it('grants a large acquisition, however many smaller ones with a head start there are', async () => {
    const { start, acquired } = createSemaphore();
    const running: Permit[] = [];
    const startMedium = (n: number) => void start(`medium ${n}`, 1000, 50).then((permit) => running.push(permit));
    for (let n = 0; n < 3; n++) startMedium(n);
    void start('large', 2000);
    for (let n = 3; n < 60 && !acquired.includes('large'); n++) {
      startMedium(n);
      await sleep(5);
      running.shift()?.release();
    }
    expect(acquired).toContain('large');
  });

  it('suspends permits up to the maximum weight, and resumes them at once', async () => {
    const { start, acquired } = createSemaphore();
    const [first] = [await start('a', 3000), await start('b', 1000)];
    expect(first.suspend()).toBe(true);
    const third = await start('c', 3000);
    expect(third.suspend()).toBe(false);
    first.resume();
    void start('d', 500);
    first.release();
    await nextIteration();
    expect(acquired).toEqual(['a', 'b', 'c']);
    third.release();
    await nextIteration();
    expect(acquired).toEqual(['a', 'b', 'c', 'd']);
  });

  it('releases a weight only once when its permit is released while it is suspended, or before', async () => {
    const { start, acquired } = createSemaphore();
    const first = await start('a', 4000);
    first.suspend();
    first.release();
    const second = await start('b', 4000);
    void start('c', 1);
    await nextIteration();
    first.resume();
    await nextIteration();
    expect([first.suspend(), acquired]).toEqual([true, ['a', 'b']]);
    await nextIteration();
    expect(acquired).toEqual(['a', 'b']);
    second.release();
    await nextIteration();
    expect(acquired).toEqual(['a', 'b', 'c']);
  });
});
