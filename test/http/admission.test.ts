import { once } from 'node:events';
import { createServer, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { admit } from '../../src/http/admission.ts';
import { it as base, describe, expect } from '../support/fixtures.ts';

/** A server whose requests end when they are told to, by a clock that a test sets. */
const it = base.extend('busy', async ({}, { onCleanup }) => {
  const clock = { ms: 0 };
  const held: ServerResponse[] = [];
  let refusals = 0;
  const admission = { limit: 1000, onRefusal: () => refusals++ };
  const server = createServer(
    admit(
      (_request, response) => held.push(response),
      admission,
      () => clock.ms,
    ),
  );
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
  /** Answers the oldest so many, `afterMs` from now. */
  const answer = async (count: number, afterMs: number) => {
    clock.ms += afterMs;
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

  it('goes on refusing while there is anybody to refuse, and stops when there is not', async ({ busy }) => {
    await busy.send(300);
    await busy.answerLate();
    await busy.send(20);
    await busy.answer(150, 101);
    expect(await busy.send(80)).toEqual({ admitted: 50, refused: 30 });
    await busy.answer(50, 101);
    expect(await busy.send(70)).toEqual({ admitted: 50, refused: 20 });
    await busy.answer(100, 101);
    await busy.send(1);
    await busy.answer(1, 101);
    expect(await busy.send(300)).toEqual({ admitted: 300, refused: 0 });
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
