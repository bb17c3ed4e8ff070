import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Connection } from '../../src/http/load-shedding/exchange.ts';
import { UnreadResponses } from '../../src/http/load-shedding/unread-responses.ts';

const MEGABYTE = 1024 * 1024;
const open = { isClosed: () => false };

function createResponses() {
  const closed: string[] = [];
  const names = new Map<unknown, string>();
  const responses = new UnreadResponses((connection) => closed.push(names.get(connection) ?? ''));
  const add = (name: string, bytes: number, isInFlight = false) => {
    const connection = { current: { isInFlight } } as Connection;
    names.set(connection, name);
    responses.add(connection, bytes);
    return connection;
  };
  return { responses, add, closed };
}

/** Returns whether a promise is settled. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  const pending = delay(100, 'pending');
  return (await Promise.race([promise, pending])) !== 'pending';
}

describe('unread responses', () => {
  it('leave buffer space for a large response up to 32 MB, and close a connection for it only after a second', async () => {
    const { responses, add, closed } = createResponses();
    add('a', 20 * MEGABYTE);
    expect(await responses.reserve(12 * MEGABYTE, open)).toBeTypeOf('function');
    const next = responses.reserve(MEGABYTE, open);
    expect([await isSettled(next), closed]).toEqual([false, []]);
    expect([typeof (await next), closed]).toEqual(['function', ['a']]);
  });

  it('lose the connection whose client has read nothing for longest, and none whose client reads', async () => {
    const { responses, add, closed } = createResponses();
    const reading = add('reading', 10 * MEGABYTE);
    add('stalled', 10 * MEGABYTE);
    add('in flight', 10 * MEGABYTE, true);
    const timer = setInterval(() => responses.renew(reading), 50);
    expect(await responses.reserve(10 * MEGABYTE, open)).toBeTypeOf('function');
    expect(closed).toEqual(['stalled']);
    expect(await responses.reserve(10 * MEGABYTE, open)).toBeUndefined();
    expect(closed).toEqual(['stalled']);
    clearInterval(timer);
  });

  it('leave buffer space for a response of any size when there is no other', async () => {
    const { responses, closed } = createResponses();
    const release = await responses.reserve(40 * MEGABYTE, open);
    release?.();
    expect([typeof (await responses.reserve(40 * MEGABYTE, open)), closed]).toEqual(['function', []]);
  });

  it('lose a connection whose client has read one response for five seconds', async () => {
    const { responses, add, closed } = createResponses();
    const reading = add('reading', 30 * MEGABYTE);
    const timer = setInterval(() => responses.renew(reading), 50);
    expect([await responses.reserve(10 * MEGABYTE, open), closed]).toEqual([undefined, []]);
    await delay(2000);
    expect([typeof (await responses.reserve(10 * MEGABYTE, open)), closed]).toEqual(['function', ['reading']]);
    clearInterval(timer);
  });

  it('give buffer space to the responses in the order of their requests', async () => {
    const { responses } = createResponses();
    const release = await responses.reserve(20 * MEGABYTE, open);
    const large = responses.reserve(20 * MEGABYTE, open);
    const small = responses.reserve(MEGABYTE, open);
    expect(await isSettled(small)).toBe(false);
    release?.();
    expect(await large).toBeTypeOf('function');
    expect(await small).toBeTypeOf('function');
  });

  it('reject a ninth waiting response at once, and one whose connection is closed', async () => {
    const { responses } = createResponses();
    await responses.reserve(30 * MEGABYTE, open);
    let isClosed = false;
    const waiting = Array.from({ length: 8 }, () => responses.reserve(20 * MEGABYTE, { isClosed: () => isClosed }));
    expect(await responses.reserve(20 * MEGABYTE, open)).toBeUndefined();
    expect(await isSettled(Promise.race(waiting))).toBe(false);
    isClosed = true;
    expect(await Promise.all(waiting)).toEqual(Array(8).fill(undefined));
  });

  it('let the next part of a list wait until its connection is closed, and at most 50 of them', async () => {
    const { responses } = createResponses();
    await responses.reserve(30 * MEGABYTE, open);
    let isClosed = false;
    const next = responses.reserve(20 * MEGABYTE, { isClosed: () => isClosed, part: 'list' });
    await delay(2500);
    expect(await isSettled(next)).toBe(false);
    const others = Array.from({ length: 49 }, () =>
      responses.reserve(MEGABYTE, { isClosed: () => isClosed, part: 'list' }),
    );
    expect(await responses.reserve(MEGABYTE, { ...open, part: 'list' })).toBeUndefined();
    isClosed = true;
    expect(await next).toBeUndefined();
    expect((await Promise.all(others)).map((release) => typeof release)).toContain('function');
  });
});
