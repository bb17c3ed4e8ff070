import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { KeyedBatches } from '../../src/lib/keyed-batches.ts';
import { describe, expect, it } from '../support/fixtures.ts';

const LIMITS = { items: 3, batches: 2, waiting: 1000, waitMs: 60_000 };
const errors = { tooMany: () => new Error('too many'), tooLate: () => new Error('too late') };
const wait = <Result>(start: () => Promise<Result>) => start();
const nextTurn = () => new Promise(setImmediate);

interface Item {
  number: number;
  key: string;
  fails: boolean;
  /** Whether the batch of the item fails. */
  failsAll: boolean;
  /** Whether the next item comes in a later turn of the event loop. */
  isLast: boolean;
}

const items = fc
  .array(
    fc.record({
      key: fc.constantFrom('a', 'b'),
      fails: fc.boolean(),
      failsAll: fc.nat(9).map((n) => n === 0),
      isLast: fc.nat(5).map((n) => n === 0),
    }),
    { minLength: 1, maxLength: 40 },
  )
  .map((list) => list.map((item, number): Item => ({ ...item, number })));

/** Runs batches, checks their limits, and keeps the items in the order of their start. */
function observedRun() {
  const started: Item[] = [];
  const running = { a: 0, b: 0 } as Record<string, number>;
  const run = async (batch: readonly Item[]): Promise<(number | Error)[]> => {
    const key = batch[0]?.key ?? '';
    running[key] = (running[key] ?? 0) + 1;
    expect(running[key]).toBeLessThanOrEqual(LIMITS.batches);
    expect(batch.length).toBeLessThanOrEqual(LIMITS.items);
    expect(batch.filter((item) => item.key !== key)).toEqual([]);
    started.push(...batch);
    await nextTurn();
    running[key]--;
    if (batch.some(({ failsAll }) => failsAll)) throw new Error('all');
    return batch.map(({ number, fails }) => (fails ? new Error(`of ${number}`) : number));
  };
  return { run, started };
}

describe('keyed batches', () => {
  it('run each item once, in order, within the limits, with its own result', async () => {
    await fc.assert(
      fc.asyncProperty(items, async (list) => {
        const { run, started } = observedRun();
        const batches = new KeyedBatches(run, { ...LIMITS, ...errors });
        const results: Promise<unknown>[] = [];
        for (const item of list) {
          results.push(batches.run(item.key, item, wait).catch((error: Error) => error.message));
          if (item.isLast) await nextTurn();
        }
        const outcomes = await Promise.all(results);
        const expected = list.map(({ number, fails }, index) =>
          outcomes[index] === 'all' ? 'all' : fails ? `of ${number}` : number,
        );
        expect(outcomes).toEqual(expected);
        for (const key of ['a', 'b']) {
          const ofKey = (item: Item) => item.key === key;
          expect(started.filter(ofKey)).toEqual(list.filter(ofKey));
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('reject an item that would wait behind too many, or has waited too long', async () => {
    const limits = { ...LIMITS, ...errors, batches: 1, waiting: 2, waitMs: 20 };
    const batches = new KeyedBatches(async (texts: readonly string[]) => {
      await delay(60);
      return [...texts];
    }, limits);
    const outcomes = ['first', 'second', 'third', 'fourth'].map((text) =>
      batches.run('a', text, wait).catch((error: Error) => error.message),
    );
    expect(await Promise.all(outcomes)).toEqual(['first', 'too late', 'too late', 'too many']);
    expect(await batches.run('a', 'fifth', wait)).toBe('fifth');
  });
});
