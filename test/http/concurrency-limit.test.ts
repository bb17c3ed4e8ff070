import { once } from 'node:events';
import { request, type ServerResponse } from 'node:http';
import { exchangeOf } from '../../src/http/load-shedding/exchange.ts';
import { it as base, describe, expect } from '../support/fixtures.ts';
import { startLimitedServer } from '../support/limited-server.ts';

/** A server that holds requests until a test answers them, with a clock that the test advances. */
const it = base.extend('server', async ({}, { onCleanup }) => {
  const clock = { ms: 1000, activeMs: 0 };
  const held: ServerResponse[] = [];
  let rejections = 0;
  const { limit, close, port } = await startLimitedServer({
    onRejected: () => rejections++,
    clock: { now: () => clock.ms, activeTime: () => clock.activeMs },
  });
  onCleanup(close);
  limit.passTo((_request, response) => held.push(response));
  const statuses: number[] = [];
  /** Sends `count` requests and waits until each is held or rejected. */
  const send = async (count: number, path = '/users/ada/badges') => {
    const [heldBefore, rejectedBefore] = [held.length, rejections];
    for (let i = 0; i < count; i++) {
      request({ port, path, agent: false }, (response) => statuses.push(response.resume().statusCode ?? 0))
        .on('error', () => undefined)
        .end();
    }
    await expect.poll(() => held.length + rejections).toBe(heldBefore + rejectedBefore + count);
    return { admitted: held.length - heldBefore, rejected: rejections - rejectedBefore };
  };
  /** Answers the oldest `count` requests after `afterMs`, during `activeMs` of which the event loop was active. */
  const answer = async (count: number, afterMs: number, activeMs = 0) => {
    clock.ms += afterMs;
    clock.activeMs += activeMs;
    const ended = held.splice(0, count).map((response) => {
      const closed = once(response, 'close');
      response.end();
      return closed;
    });
    await Promise.all(ended);
  };
  /** Closes the connections of the newest `count` requests before they are answered. */
  const abandon = async (count: number) => {
    const closed = held.splice(-count).map((response) => once(response.destroy(), 'close'));
    await Promise.all(closed);
  };
  /** Answers the oldest 100 requests after more than the target latency. */
  const answerLate = async () => {
    await answer(50, 200);
    await answer(50, 100);
  };
  /**
   * Lets the oldest `count` requests wait for other requests of their user, and returns the function that ends the
   * waits.
   */
  const wait = async (count: number) => {
    const waits = held.slice(0, count).map((response) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      return { ended: limit.inFlight.excludeWait(exchangeOf(response), () => promise), resolve };
    });
    return async (ended = count) => {
      for (const { ended: end, resolve } of waits.splice(0, ended)) {
        resolve();
        await end;
      }
    };
  };
  return { send, answer, answerLate, abandon, wait, statuses, held };
});

describe('the adaptive concurrency limit', () => {
  it('admits a burst', async ({ server }) => {
    expect(await server.send(300)).toEqual({ admitted: 300, rejected: 0 });
    await server.answer(100, 99);
    expect(await server.send(100)).toEqual({ admitted: 100, rejected: 0 });
  });

  it('rejects requests over the minimum limit when fewer than one in ten responses is fast', async ({ server }) => {
    await server.send(300);
    await server.answerLate();
    expect(await server.send(20)).toEqual({ admitted: 0, rejected: 20 });
    await expect.poll(() => server.statuses.filter((status) => status === 503)).toHaveLength(20);
    await server.answer(101, 0);
    expect(server.held).toHaveLength(99);
    expect(await server.send(20)).toEqual({ admitted: 1, rejected: 19 });
  });

  it('admits the number of requests that complete in 100 ms when that is above the minimum', async ({ server }) => {
    await server.send(400);
    for (let step = 0; step < 30; step++) {
      await server.answer(50, 25);
      await server.send(60);
    }
    expect(server.held.length).toBeGreaterThan(150);
    expect(server.held.length).toBeLessThanOrEqual(200);
  });

  it('stays active until no request was rejected for half a second', async ({ server }) => {
    await server.send(300);
    await server.answerLate();
    await server.answer(101, 300);
    await server.answer(1, 60);
    expect(await server.send(20)).toEqual({ admitted: 2, rejected: 18 });
    await server.answer(50, 499);
    expect(await server.send(70)).toEqual({ admitted: 50, rejected: 20 });
    await server.answer(50, 499);
    expect(await server.send(60)).toEqual({ admitted: 50, rejected: 10 });
    await server.answer(50, 499);
    await server.answer(50, 51);
    expect(await server.send(300)).toEqual({ admitted: 300, rejected: 0 });
  });

  it('rejects before responses are late when an active event loop has work for more than half a second', async ({
    server,
  }) => {
    await server.send(300);
    await server.answer(26, 40, 40);
    await server.answer(1, 50, 26);
    expect(await server.send(10)).toEqual({ admitted: 0, rejected: 10 });
  });

  it('admits a burst that completes within half a second', async ({ server }) => {
    await server.send(300);
    await server.answer(30, 40, 40);
    await server.answer(1, 50, 50);
    expect(await server.send(10)).toEqual({ admitted: 10, rejected: 0 });
  });

  it('admits a burst that waits for a dependency', async ({ server }) => {
    await server.send(300);
    await server.answer(26, 40, 40);
    await server.answer(1, 50, 24);
    expect(await server.send(10)).toEqual({ admitted: 10, rejected: 0 });
  });

  it('estimates the duration of a burst from the requests completed since its arrival', async ({ server }) => {
    await server.send(1);
    await server.answer(1, 10);
    await server.send(300);
    await server.answer(1, 50, 50);
    expect(await server.send(10)).toEqual({ admitted: 10, rejected: 0 });
  });

  it('rejects no request when at least one in ten responses is fast', async ({ server }) => {
    await server.send(300);
    await server.answer(270, 500);
    await server.send(30);
    await server.answer(30, 1);
    await server.answer(30, 101);
    expect(await server.send(300)).toEqual({ admitted: 300, rejected: 0 });
  });

  it('does not count a request as fast whose client leaves before the response', async ({ server }) => {
    await server.send(300);
    await server.answer(50, 200);
    await server.send(20);
    await server.abandon(20);
    await server.answer(50, 100);
    expect(await server.send(20)).toEqual({ admitted: 0, rejected: 20 });
  });

  it('rejects no request while fewer than 100 are in flight, however slow they are', async ({ server }) => {
    for (let i = 0; i < 3; i++) {
      await server.send(99);
      await server.answer(99, 1500);
    }
    expect(await server.send(300)).toEqual({ admitted: 300, rejected: 0 });
  });

  it('admits health checks and leaves them out of the latency measurement', async ({ server }) => {
    await server.send(300);
    await server.send(100, '/health/live');
    server.held.unshift(...server.held.splice(300));
    await server.answer(100, 1);
    await server.answerLate();
    expect(await server.send(5)).toEqual({ admitted: 0, rejected: 5 });
    expect(await server.send(5, '/health/ready')).toEqual({ admitted: 5, rejected: 0 });
  });
});

describe('requests that wait for another one of their user', () => {
  it('are measured without their wait', async ({ server }) => {
    await server.send(300);
    const endWaits = await server.wait(300);
    await server.answer(0, 3000);
    await endWaits();
    await server.answer(50, 30);
    await server.answer(50, 60);
    expect(await server.send(300)).toEqual({ admitted: 300, rejected: 0 });
  });

  it('count as slow when they take more than 100 ms after their wait', async ({ server }) => {
    await server.send(300);
    const endWaits = await server.wait(300);
    await endWaits();
    await server.answerLate();
    expect(await server.send(20)).toEqual({ admitted: 0, rejected: 20 });
  });

  it('take no capacity of the adaptive limit', async ({ server }) => {
    await server.send(300);
    await server.answerLate();
    const endWaits = await server.wait(150);
    expect(await server.send(60)).toEqual({ admitted: 50, rejected: 10 });
    await endWaits();
    expect(await server.send(10)).toEqual({ admitted: 0, rejected: 10 });
  });

  it('count for the fixed limit, and no longer than they are in flight', async ({ server }) => {
    await server.send(1000);
    const endWaits = await server.wait(1000);
    expect(await server.send(5)).toEqual({ admitted: 0, rejected: 5 });
    await server.answer(1000, 3000);
    expect(await server.send(300)).toEqual({ admitted: 300, rejected: 0 });
    await server.answerLate();
    expect(await server.send(5)).toEqual({ admitted: 0, rejected: 5 });
    await endWaits();
    expect(await server.send(5)).toEqual({ admitted: 0, rejected: 5 });
  });
});

describe('long bodies that are complete', () => {
  it('are in flight until they are parsed: over 16 MB the next gets 503, and no connection closes', async ({
    onTestFinished,
  }) => {
    const { limit, closed, close, port } = await startLimitedServer();
    onTestFinished(close);
    const waiting: ServerResponse[] = [];
    limit.passTo((incoming, response) => {
      incoming.once('end', () => waiting.push(response));
    });
    for (let sent = 1; sent <= 17; sent++) {
      request({ port, method: 'POST', agent: false })
        .on('error', () => undefined)
        .end('x'.repeat(1024 * 1024));
      await expect.poll(() => waiting.length).toBe(sent);
    }
    expect(waiting.map((response) => limit.tryStart(response))).toEqual([...Array(16).fill(true), false]);
    expect(closed).toEqual([]);
  });
});

describe('values of bodies', () => {
  it('count besides the bytes of their bodies: over 16 MB the next request gets 503', async ({ onTestFinished }) => {
    const { limit, close, port } = await startLimitedServer();
    onTestFinished(close);
    const waiting: ServerResponse[] = [];
    limit.passTo((_incoming, response) => waiting.push(response));
    for (let sent = 1; sent <= 5; sent++) {
      request({ port, method: 'POST', agent: false })
        .on('error', () => undefined)
        .end('x');
      await expect.poll(() => waiting.length).toBe(sent);
    }
    const values = 4 * 1024 * 1024 - 1024;
    expect(waiting.map((response) => limit.tryStart(response, values))).toEqual([true, true, true, true, false]);
  });
});
