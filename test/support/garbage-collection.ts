import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect: (options: { type: 'minor' | 'major' }) => void = runInNewContext('gc');

const CALLS = 2000;

/**
 * V8 adds objects of its own in some rounds, such as the feedback of a function. A call adds its objects in every
 * round.
 */
const ROUNDS = 5;

/** Frees all objects that nothing refers to. */
export function collectGarbage(): void {
  collect({ type: 'major' });
}

/**
 * Returns the bytes that a call of `act` moves to V8's old space, where only a major collection frees them. The result
 * is the least of five rounds of 2,000 calls, or of the rounds up to the first one below `limit`.
 */
export async function longLivedBytesOf(act: () => Promise<unknown>, limit: number): Promise<number> {
  await callOften(act);
  let least = Infinity;
  for (let round = 0; round < ROUNDS && least >= limit; round++) {
    collectGarbage();
    const before = longLivedBytes();
    await callOften(act);
    least = Math.min(least, (longLivedBytes() - before) / CALLS);
  }
  return least;
}

async function callOften(act: () => Promise<unknown>): Promise<void> {
  for (let i = 0; i < CALLS; i++) {
    await act();
    if (i % 100 === 0) collect({ type: 'minor' });
  }
  collect({ type: 'minor' });
}

function longLivedBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name: name }) => name === 'old_space')?.space_used_size ?? 0;
}
