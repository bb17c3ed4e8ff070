import { once } from 'node:events';
import { createServer, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { limitConcurrency } from '../../src/http/load-shedding/concurrency-limit.ts';
import { it as base, describe, expect } from '../support/fixtures.ts';

/** A server whose requests end when they are told to, by a clock that a test sets. */
const it = base.extend('busy', async ({}, { onCleanup }) => {
  const clock = { ms: 1000, worked: 0 };
  const held: ServerResponse[] = [];
  let refusals = 0;
  const server = createServer();
  limitConcurrency(server, (_request, response) => held.push(response), {
    maxInFlight: 1000,
    onRejected: () => refusals++,
    clock: { now: () => clock.ms, activeTime: () => clock.worked },
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onCleanup(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const statuses: number[] = [];
  /** Sends so many requests, and waits until each is held or refused. */
  const send = async (count: number, path = '/users/ada/badges') => {
    const [heldBefore, refusedBefore] = [held.length, refusals];
    for (let i = 0; i < count; i++) {
      request({ port, path, agent: false }, (response) => statuses.push(response.resume().statusCode ?? 0))
        .on('error', () => undefined)
        .end();
    }
    await expect.poll(() => held.length + refusals).toBe(heldBefore + refusedBefore + count);
    return { admitted: held.length - heldBefore, refused: refusals - refusedBefore };
  };
  /** Answers the oldest so many, `afterMs` from now, of which the thread has worked so many. */
  const answer = async (count: number, afterMs: number, workedMs = 0) => {
    clock.ms += afterMs;
    clock.worked += workedMs;
    const ended = held.splice(0, count).map((response) => {
      const closed = once(response, 'close');
      response.end();
      return closed;
    });
    await Promise.all(ended);
  };
  /** Answers a hundred of the oldest, all of them late. */
  const answerLate = async () => {
    await answer(50, 200);
    await answer(50, 100);
  };
  return { send, answer, answerLate, statuses, held };
});

describe('a service that cannot keep up', () => {
  it('lets a burst through', async ({ busy }) => {
    expect(await busy.send(300)).toEqual({ admitted: 300, refused: 0 });
    await busy.answer(100, 99);
    expect(await busy.send(100)).toEqual({ admitted: 100, refused: 0 });
  });

  it('refuses more than it can answer soon, once hardly any answer is quick', async ({ busy }) => {
    await busy.send(300);
    await busy.answerLate();
    expect(await busy.send(20)).toEqual({ admitted: 0, refused: 20 });
    await expect.poll(() => busy.statuses.filter((status) => status === 503)).toHaveLength(20);
    await busy.answer(101, 0);
    expect(busy.held).toHaveLength(99);
    expect(await busy.send(20)).toEqual({ admitted: 1, refused: 19 });
  });

  it('takes as many as it finishes in 100 ms, when that is more', async ({ busy }) => {
    await busy.send(400);
    for (let step = 0; step < 30; step++) {
      await busy.answer(50, 25);
      await busy.send(60);
    }
    expect(busy.held.length).toBeGreaterThan(150);
    expect(busy.held.length).toBeLessThanOrEqual(200);
  });

  it('goes on refusing until there was nobody to refuse for half a second', async ({ busy }) => {
    await busy.send(300);
    await busy.answerLate();
    await busy.answer(101, 300);
    await busy.answer(1, 60);
    expect(await busy.send(20)).toEqual({ admitted: 2, refused: 18 });
    await busy.answer(50, 499);
    expect(await busy.send(70)).toEqual({ admitted: 50, refused: 20 });
    await busy.answer(50, 499);
    expect(await busy.send(60)).toEqual({ admitted: 50, refused: 10 });
    await busy.answer(50, 499);
    await busy.answer(50, 51);
    expect(await busy.send(300)).toEqual({ admitted: 300, refused: 0 });
  });

  it('refuses before anybody is late, when a busy thread has work for more than half a second', async ({ busy }) => {
    await busy.send(300);
    await busy.answer(26, 40, 40);
    await busy.answer(1, 50, 26);
    expect(await busy.send(10)).toEqual({ admitted: 0, refused: 10 });
  });

  it('lets a burst through that will be over before', async ({ busy }) => {
    await busy.send(300);
    await busy.answer(30, 40, 40);
    await busy.answer(1, 50, 50);
    expect(await busy.send(10)).toEqual({ admitted: 10, refused: 0 });
  });

  it('lets a burst through that waits for somebody else', async ({ busy }) => {
    await busy.send(300);
    await busy.answer(26, 40, 40);
    await busy.answer(1, 50, 24);
    expect(await busy.send(10)).toEqual({ admitted: 10, refused: 0 });
  });

  it('judges a burst by what is finished since it came', async ({ busy }) => {
    await busy.send(1);
    await busy.answer(1, 10);
    await busy.send(300);
    await busy.answer(1, 50, 50);
    expect(await busy.send(10)).toEqual({ admitted: 10, refused: 0 });
  });

  it('refuses nobody because some wait for something else', async ({ busy }) => {
    await busy.send(300);
    await busy.answer(270, 500);
    await busy.send(30);
    await busy.answer(30, 1);
    await busy.answer(30, 101);
    expect(await busy.send(300)).toEqual({ admitted: 300, refused: 0 });
  });

  it('refuses nobody while there are few, however long they take', async ({ busy }) => {
    for (let i = 0; i < 3; i++) {
      await busy.send(99);
      await busy.answer(99, 1500);
    }
    expect(await busy.send(300)).toEqual({ admitted: 300, refused: 0 });
  });

  it('answers operators, and does not count their quick calls as a good sign', async ({ busy }) => {
    await busy.send(300);
    await busy.send(100, '/health/live');
    busy.held.unshift(...busy.held.splice(300));
    await busy.answer(100, 1);
    await busy.answerLate();
    expect(await busy.send(5)).toEqual({ admitted: 0, refused: 5 });
    expect(await busy.send(5, '/health/ready')).toEqual({ admitted: 5, refused: 0 });
  });
});
