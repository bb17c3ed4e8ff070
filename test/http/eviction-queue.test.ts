import { describe, expect, it } from 'vitest';
import { EvictionQueue } from '../../src/http/load-shedding/eviction-queue.ts';

function createQueue(limits: { maxItems: number; maxBytes: number }) {
  const evicted: string[] = [];
  const queue = new EvictionQueue<string>({ ...limits, evict: (item) => evicted.push(item) });
  return { queue, evicted };
}

describe('an eviction queue', () => {
  it('evicts the oldest items over the maximum number', () => {
    const { queue, evicted } = createQueue({ maxItems: 2, maxBytes: 100 });
    for (const item of ['a', 'b', 'c', 'd']) queue.add(item, 1);
    expect(evicted).toEqual(['a', 'b']);
    expect(['a', 'b', 'c', 'd'].filter((item) => queue.has(item))).toEqual(['c', 'd']);
  });

  it('evicts as many of the oldest items as exceed the maximum bytes', () => {
    const { queue, evicted } = createQueue({ maxItems: 10, maxBytes: 100 });
    for (const item of ['a', 'b', 'c']) queue.add(item, 30);
    queue.add('d', 60);
    expect(evicted).toEqual(['a', 'b']);
  });

  it('evicts an item that grows only after older ones', () => {
    const { queue, evicted } = createQueue({ maxItems: 10, maxBytes: 100 });
    for (const item of ['a', 'b', 'c']) queue.add(item, 30);
    queue.add('a', 50);
    expect(evicted).toEqual(['a']);
    queue.add('c', 50);
    expect(evicted).toEqual(['a', 'b']);
  });

  it('keeps the last item with any number of bytes', () => {
    const { queue, evicted } = createQueue({ maxItems: 10, maxBytes: 100 });
    queue.add('a', 500);
    expect([queue.has('a'), evicted]).toEqual([true, []]);
  });

  it('treats an item that has become smaller as the youngest', () => {
    const { queue, evicted } = createQueue({ maxItems: 2, maxBytes: 100 });
    queue.add('a', 20);
    queue.add('b', 20);
    queue.subtract('a', 10);
    queue.add('c', 20);
    expect(evicted).toEqual(['b']);
  });

  it('evicts a renewed item after the others', () => {
    const { queue, evicted } = createQueue({ maxItems: 2, maxBytes: 100 });
    queue.add('a', 20);
    queue.add('b', 20);
    queue.renew('a');
    queue.renew('unknown');
    queue.add('c', 20);
    expect([evicted, queue.bytes]).toEqual([['b'], 40]);
  });

  it('evicts the oldest item that fulfils a condition', () => {
    const { queue, evicted } = createQueue({ maxItems: 10, maxBytes: 100 });
    for (const item of ['a', 'b', 'c']) queue.add(item, 30);
    expect(queue.evictOldest((item) => item !== 'a')).toBe(true);
    expect(queue.evictOldest((_item, { held }) => held > 60_000)).toBe(false);
    expect([evicted, queue.bytes]).toEqual([['b'], 60]);
  });

  it('forgets the bytes of items that are removed, evicted or empty', () => {
    const { queue, evicted } = createQueue({ maxItems: 10, maxBytes: 100 });
    for (let round = 0; round < 5; round++) {
      queue.add('a', 90);
      expect(queue.remove('a')).toBe(90);
      queue.add('b', 90);
      queue.subtract('b', 90);
      expect(queue.has('b')).toBe(false);
      expect(queue.remove('b')).toBe(0);
    }
    expect(evicted).toEqual([]);
    queue.add('c', 60);
    queue.add('d', 60);
    queue.subtract('c', 60);
    queue.add('e', 40);
    expect(evicted).toEqual(['c']);
  });
});
