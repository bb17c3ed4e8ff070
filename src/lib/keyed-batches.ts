import type { ExcludeWait } from './exclude-wait.ts';

/** Returns the result or the error of each item, in the order of the items. A rejection is the error of all of them. */
type RunBatch<Item, Result> = (items: readonly Item[]) => Promise<(Result | Error)[]>;

interface BatchLimits {
  /** Maximum number of items in a batch. */
  items: number;
  /** Maximum number of batches of a key at the same time. */
  batches: number;
  /** Maximum number of waiting items of a key. */
  waiting: number;
  /** Milliseconds after which a waiting item is not run any more. */
  waitMs: number;
  /** Creates the error of an item that would exceed `waiting`. */
  tooMany: () => Error;
  /** Creates the error of an item that has waited too long. */
  tooLate: () => Error;
}

interface Waiting<Item, Result> {
  item: Item;
  /** `performance.now()` of the latest start. */
  deadline: number;
  /** Ends the wait with a function that returns the result. */
  start: (result: () => Promise<Result>) => void;
  reject: (error: Error) => void;
}

interface KeyQueue<Item, Result> {
  running: number;
  waiting: Waiting<Item, Result>[];
}

/**
 * Runs items in batches of one key. An item runs at once, alone, while fewer batches of its key run than the limit. The
 * items that arrive meanwhile wait, and run together in the next batch, in the order of their arrival.
 */
export class KeyedBatches<Item, Result> {
  readonly #queues = new Map<string, KeyQueue<Item, Result>>();
  readonly #run: RunBatch<Item, Result>;
  readonly #limits: BatchLimits;

  constructor(run: RunBatch<Item, Result>, limits: BatchLimits) {
    this.#run = run;
    this.#limits = limits;
  }

  /** @throws the errors of the limits, and that of the item */
  async run(key: string, item: Item, excludeWait: ExcludeWait): Promise<Result> {
    const queue = this.#queues.get(key) ?? { running: 0, waiting: [] };
    this.#queues.set(key, queue);
    if (queue.running < this.#limits.batches) {
      const [result] = this.#runBatch([item]);
      void this.#drain(key, queue, result);
      return result as Promise<Result>;
    }
    const { waiting, waitMs, tooMany } = this.#limits;
    if (queue.waiting.length >= waiting) throw tooMany();
    const wait = () =>
      new Promise<() => Promise<Result>>((start, reject) => {
        queue.waiting.push({ item, deadline: performance.now() + waitMs, start, reject });
      });
    const result = await excludeWait(wait);
    return result();
  }

  /** Runs batches after `first` until no item waits. */
  async #drain(key: string, queue: KeyQueue<Item, Result>, first: Promise<Result> | undefined): Promise<void> {
    queue.running++;
    await first?.catch(() => undefined);
    while (queue.waiting.length > 0) {
      const batch = this.#takeBatch(queue);
      const results = this.#runBatch(batch.map(({ item }) => item));
      for (const [index, promise] of results.entries()) batch[index]?.start(() => promise);
      await Promise.allSettled(results);
    }
    queue.running--;
    if (queue.running === 0) this.#queues.delete(key);
  }

  #takeBatch({ waiting }: KeyQueue<Item, Result>): Waiting<Item, Result>[] {
    const { items, tooLate } = this.#limits;
    const now = performance.now();
    const inTime = waiting.findIndex(({ deadline }) => deadline >= now);
    for (const { reject } of waiting.splice(0, inTime === -1 ? waiting.length : inTime)) reject(tooLate());
    return waiting.splice(0, items);
  }

  /** Returns the promise of each item. */
  #runBatch(items: readonly Item[]): Promise<Result>[] {
    const outcomes = items.length === 0 ? Promise.resolve([]) : this.#run(items);
    return items.map(async (_, index) => {
      const outcome = (await outcomes)[index] as Result | Error;
      if (outcome instanceof Error) throw outcome;
      return outcome;
    });
  }
}
