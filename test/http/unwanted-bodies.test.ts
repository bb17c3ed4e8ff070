import { once } from 'node:events';
import type { IncomingMessage, RequestListener, Server } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import type { ConcurrencyLimit } from '../../src/http/load-shedding/concurrency-limit.ts';
import { readBody } from '../../src/http/read-body.ts';
import { describe, expect, it } from '../support/fixtures.ts';
import { collectGarbage } from '../support/garbage-collection.ts';
import { startLimitedServer } from '../support/limited-server.ts';
import { openSocket, openSockets } from '../support/raw-sockets.ts';

const MEGABYTE = 1024 * 1024;
const WHOLE_BODY = Buffer.alloc(MEGABYTE, ' ');
/** The connection of such a body waits for its last byte, until the time limit of a request. */
const INCOMPLETE_BODY = WHOLE_BODY.subarray(1);
/** Less than the bodies of all connections of one kind. */
const MAX_KEPT_BYTES = 3 * MEGABYTE;
const CONNECTIONS = 5;

const FRAMINGS = {
  'Content-Length': `Content-Length: ${MEGABYTE}\r\n\r\n`,
  chunked: `Transfer-Encoding: chunked\r\n\r\n${MEGABYTE.toString(16)}\r\n`,
};
const JSON_TYPE = 'Content-Type: application/json\r\n';

/** One suffices unless memory is freed late. Two take less than the time limit of a request. */
const MAX_MEASUREMENTS = 2;

/** Requests that get a response before their body is complete: its status, method and path, and lines of headers. */
const ANSWERED_EARLY: [number, string, string?][] = [
  [401, 'POST /users/ada/badges', JSON_TYPE],
  [401, 'POST /users/ada/badges', `${JSON_TYPE}Expect: 100-continue\r\n`],
  [401, 'POST /users/ada/badges', `${JSON_TYPE}Connection: upgrade\r\nUpgrade: websocket\r\n`],
  [401, 'POST /users/ada/badges', `${JSON_TYPE}Authorization: Bearer forged\r\n`],
  [400, 'POST /graphql', `${JSON_TYPE}Authorization: a\r\nAuthorization: b\r\n`],
  [400, 'GET /users/%'],
  [404, 'GET /nowhere'],
  [405, 'GET /users/ada/timezone'],
  [415, 'POST /graphql', 'Content-Type: text/plain\r\n'],
  [200, 'GET /users/ada/badges'],
  [200, 'HEAD /users/ada/badges'],
  [200, 'GET /health/live'],
  [431, 'POST /graphql', `${JSON_TYPE}${'X-Line: 1\r\n'.repeat(100)}`],
];

interface Target {
  server: Server;
  url: string;
  heads: readonly string[];
  body?: Buffer;
  /** Resolves when the bodies may be sent. */
  untilHandled: (received: readonly string[]) => Promise<unknown>;
}

/** Sends each head on connections of its own and, when they are handled, their bodies. */
async function sendBodies({ server, url, heads, body = INCOMPLETE_BODY, untilHandled }: Target) {
  const accepted: Socket[] = [];
  const accept = (socket: Socket) => accepted.push(socket);
  server.on('connection', accept);
  const all = heads.flatMap((head) => Array<string>(CONNECTIONS).fill(head));
  const received = all.map(() => '');
  const sockets = await openSockets(all.length, (n) => openSocket(url, all[n]));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await expect.poll(() => accepted.every(({ closed }) => closed)).toBe(true);
  });
  for (const [n, socket] of sockets.entries())
    socket.on('data', (bytes: Buffer) => (received[n] += bytes.toString('latin1'))).resume();
  await untilHandled(received);
  for (const socket of sockets) socket.write(body);
  const isReceived = (socket: Socket) => socket.destroyed || socket.bytesRead > body.length;
  await expect.poll(() => accepted.every(isReceived), { timeout: 20_000 }).toBe(true);
  server.off('connection', accept);
  return received;
}

function statusOf(received: string): number {
  return Number(/^HTTP\/1.1 (?!100)(\d+)/m.exec(received)?.[1]);
}

/** Returns the bytes of all buffers. Those that nothing refers to are freed a little after the collection. */
async function usedBuffers(): Promise<number> {
  for (let i = 0; i < 2; i++) {
    collectGarbage();
    await delay(20);
  }
  return process.memoryUsage().arrayBuffers;
}

async function expectNoMore(before: number): Promise<void> {
  let kept = Number.POSITIVE_INFINITY;
  for (let n = 0; n < MAX_MEASUREMENTS && kept >= MAX_KEPT_BYTES; n++) kept = (await usedBuffers()) - before;
  expect(kept).toBeLessThan(MAX_KEPT_BYTES);
}

describe('the body of a request that has its response is not kept', { timeout: 60_000 }, () => {
  it.for(Object.entries(FRAMINGS))('with %s', async ([, end], { service }) => {
    const before = await usedBuffers();
    for (const [status, line, headers = ''] of ANSWERED_EARLY) {
      const target = {
        server: service.app.http.server,
        url: service.url,
        heads: [`${line} HTTP/1.1\r\nHost: x\r\n${headers}${end}`],
        untilHandled: (texts: readonly string[]) =>
          expect.poll(() => texts.map(statusOf).every(Number.isInteger), { timeout: 20_000 }).toBe(true),
      };
      let statuses: number[];
      // A busy service rejects requests with 503. The test repeats them until its time limit.
      do statuses = (await sendBodies(target)).map(statusOf);
      while (statuses.includes(503));
      expect(statuses, line).toEqual(Array(CONNECTIONS).fill(status));
    }
    await expectNoMore(before);
  });
});

describe('a body is not kept', { timeout: 60_000 }, () => {
  /** Starts a server whose requests `handle` gets, which answers none of them. */
  async function startServer(handle: (limit: ConcurrencyLimit) => RequestListener, maxInFlight?: number) {
    const { server, limit, url, close } = await startLimitedServer(maxInFlight === undefined ? {} : { maxInFlight });
    onTestFinished(close);
    let handled = 0;
    const listener = handle(limit);
    limit.passTo((request, response) => {
      handled++;
      listener(request, response);
    });
    return { server, url, untilHandled: () => expect.poll(() => handled).toBe(CONNECTIONS) };
  }

  const HEAD = `GET / HTTP/1.1\r\nHost: x\r\n${FRAMINGS['Content-Length']}`;

  it('while a handler works that does not want it', async () => {
    const started = await startServer((limit) => (_request, response) => void limit.tryStart(response));
    const before = await usedBuffers();
    await sendBodies({ ...started, heads: [HEAD] });
    await expectNoMore(before);
  });

  it('once it is parsed', async () => {
    let parsed = 0;
    const started = await startServer((limit) => (request, response) => {
      readBody(request, (_error, { length }) => {
        limit.tryStart(response);
        parsed += length;
      });
    });
    const before = await usedBuffers();
    await sendBodies({ ...started, heads: [HEAD], body: WHOLE_BODY });
    await expect.poll(() => parsed).toBe(CONNECTIONS * MEGABYTE);
    await expectNoMore(before);
  });

  it('while the client does not read the rejection of its request', async () => {
    const { server, url } = await startServer(() => () => undefined, 0);
    const accepted = once(server, 'connection');
    const socket = await openSocket(url);
    onTestFinished(() => void socket.destroy());
    const [connection] = (await accepted) as [Socket];
    // More than the buffers of the system take, but too little for node:http to stop reading.
    for (let i = 0; i < 10; i++) {
      while (connection.writableLength === 0) connection.write(Buffer.alloc(1024));
      await delay(20);
    }
    const received = once(server, 'request');
    socket.write(HEAD);
    const [request] = (await received) as [IncomingMessage];
    socket.write(WHOLE_BODY.subarray(0, 50_000));
    await expect.poll(() => connection.bytesRead).toBe(HEAD.length + 50_000);
    expect(connection.writableLength).toBeGreaterThan(0);
    expect(request.readableLength).toBe(0);
  });
});
