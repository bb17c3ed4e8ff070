import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { receivedBytes } from '../../src/http/read-body.ts';
import { describe, expect, it } from '../support/fixtures.ts';
import { startLimitedServer } from '../support/limited-server.ts';
import { openSocket, requestText } from '../support/raw-sockets.ts';

const KILOBYTE = 1024;
const MEGABYTE = 1024 * KILOBYTE;

/** Starts a server that answers no request by itself, and opens connections with it. */
async function startHoldingServer(options: { maxInFlight?: number } = {}) {
  const { limit, url, closed, close, server } = await startLimitedServer(options);
  const requests: IncomingMessage[] = [];
  const held: ServerResponse[] = [];
  const sockets: Socket[] = [];
  server.on('request', (request) => requests.push(request));
  limit.passTo((_request, response) => held.push(response));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    close();
  });
  const open = async (bytes: string) => {
    const socket = await openSocket(url, bytes);
    sockets.push(socket);
    return socket;
  };
  return { limit, closed, requests, held, sockets, open };
}

const FIRST = requestText('GET /');

describe('pipelined requests that wait', () => {
  it('close connections among themselves over 16 MB, and none that reads a response', async () => {
    const { limit, closed, held, sockets, open } = await startHoldingServer();
    await open(FIRST);
    await expect.poll(() => held.length).toBe(1);
    limit.endRequest(held[0] as ServerResponse, 47 * MEGABYTE);
    for (let i = 0; i < 30; i++) await open(requestText('GET /health/live').repeat(100));
    await expect.poll(() => closed.length).toBe(10);
    expect(new Set(closed)).toEqual(new Set(['pipelined']));
    await expect.poll(() => limit.openRequests).toBe(1 + 20 * 100);
    for (const response of held.slice(1)) response.end();
    await expect.poll(() => held.length).toBeGreaterThan(1 + 30);
    for (const socket of sockets.slice(1)) socket.destroy();
    await expect.poll(() => limit.openRequests).toBe(1);
    for (let i = 0; i < 20; i++) await open(requestText('GET /health/live').repeat(100));
    await expect.poll(() => limit.openRequests).toBe(1 + 20 * 100);
    expect(closed).toHaveLength(10);
  });

  const body = 'x'.repeat(60_000);
  const incomplete = requestText('POST /', { body, contentLength: MEGABYTE });
  const attacks: [string, string, number][] = [
    ['bodies', requestText('POST /', { body }).repeat(28), 14],
    ['short bodies', requestText('POST /', { body: 'x'.repeat(16_000) }).repeat(70), 20],
    ['incomplete bodies', requestText('POST /', { body }).repeat(27) + incomplete, 14],
    ['heads', requestText('GET /', { headers: `X: ${'x'.repeat(15_000)}\r\n` }).repeat(70), 20],
  ];
  it.for(attacks)('count with their bytes, and close connections over 16 MB: %s', async ([, waiting, connections]) => {
    const { limit, closed, open } = await startHoldingServer();
    for (let i = 0; i < connections; i++) await open(FIRST + waiting);
    const openConnections = () => connections - closed.length;
    await expect.poll(() => limit.openRequests % openConnections()).toBe(0);
    await expect.poll(() => openConnections() * waiting.length).toBeLessThan(16 * MEGABYTE);
    expect(new Set(closed)).toEqual(new Set(['pipelined']));
    expect(openConnections() * waiting.length).toBeGreaterThan(8 * MEGABYTE);
  });

  const longHead = requestText('GET /', { headers: 'a:b\r\n'.repeat(900) });
  const larger: [string, string][] = [
    ['bodies', requestText('POST /', { body: 'x'.repeat(MEGABYTE) }).repeat(2)],
    ['short bodies', requestText('POST /', { body: 'x'.repeat(16_000) }).repeat(99)],
    ['heads of many lines', longHead.repeat(20)],
  ];
  it.for(larger)('close only their own connection over 2 MB: %s', async ([, waiting]) => {
    const { limit, closed, open } = await startHoldingServer();
    for (let i = 0; i < 20; i++) await open(FIRST + FIRST);
    await expect.poll(() => limit.openRequests).toBe(40);
    const socket = await open(FIRST + waiting + requestText('POST /', { body: 'x'.repeat(MEGABYTE) }));
    socket.resume();
    await expect.poll(() => socket.closed).toBe(true);
    await expect.poll(() => limit.openRequests).toBe(40);
    expect(closed).toEqual(['pipelined']);
  });

  it('count no bytes of a body that is too long', async () => {
    const { requests, closed, open } = await startHoldingServer();
    const socket = await open(FIRST + requestText('POST /', { body: 'x'.repeat(30 * MEGABYTE) }));
    await expect.poll(() => requests.length).toBe(2);
    await expect.poll(() => requests[1]?.complete).toBe(true);
    expect([closed, socket.closed]).toEqual([[], false]);
  });

  it('keep no chunks of their bodies, of which a client can send one for each byte', async () => {
    const { requests, open } = await startHoldingServer();
    await open(FIRST + requestText('POST /', { body: 'x'.repeat(50_000), contentLength: MEGABYTE }));
    await expect.poll(() => requests.slice(1).map(receivedBytes)).toEqual([50_000]);
    expect(requests.map(({ readableLength }) => readableLength)).toEqual([0, 0]);
  });

  it('close their connection when one has a chunked body', async () => {
    const { limit, closed, open } = await startHoldingServer();
    await open(`${FIRST}POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n`);
    await expect.poll(() => closed).toEqual(['pipelined']);
    await expect.poll(() => limit.openRequests).toBe(0);
  });

  it('are in flight with a complete body when the service begins them, and count no longer as waiting', async () => {
    const { limit, closed, held, open } = await startHoldingServer();
    const megabyte = requestText('POST /', { body: 'x'.repeat(MEGABYTE) });
    for (let i = 0; i < 15; i++) await open(FIRST + megabyte);
    await expect.poll(() => limit.openRequests).toBe(30);
    for (const response of held.slice()) response.end();
    await expect.poll(() => held.length).toBe(30);
    await expect.poll(() => limit.inFlight.requests).toBe(15);
    for (let i = 0; i < 15; i++) await open(FIRST + megabyte);
    await expect.poll(() => limit.openRequests).toBe(45);
    expect(closed).toEqual([]);
  });

  it('count as incomplete bodies once the service begins them', async () => {
    const { limit, closed, held, sockets, open } = await startHoldingServer();
    for (let i = 0; i < 20; i++) await open(FIRST + requestText('POST /', { body: 'x', contentLength: MEGABYTE }));
    await expect.poll(() => limit.openRequests).toBe(40);
    for (const response of held.slice()) response.end();
    await expect.poll(() => held.length).toBe(40);
    for (const socket of sockets) socket.write('x'.repeat(MEGABYTE - 2));
    await expect.poll(() => closed).toEqual(Array(4).fill('half_sent'));
  });

  it('keep no body after their rejection', async () => {
    const { limit, requests, held, open } = await startHoldingServer({ maxInFlight: 1 });
    const socket = await open(FIRST + requestText('POST /', { contentLength: MEGABYTE }));
    await expect.poll(() => requests.length).toBe(2);
    limit.endRequest(held[0] as ServerResponse, 0);
    await open(FIRST);
    await expect.poll(() => held.length).toBe(2);
    held[0]?.end();
    await expect.poll(() => limit.openRequests).toBe(1);
    socket.write('x'.repeat(50_000));
    const [, rejected] = requests as [IncomingMessage, IncomingMessage];
    await expect.poll(() => rejected.socket.bytesRead).toBeGreaterThan(50_000);
    expect([receivedBytes(rejected), rejected.readableLength]).toEqual([0, 0]);
  });

  it('get their responses in order, with any body', async ({ service }) => {
    const documentOf = (number: number, padding: number) =>
      JSON.stringify({ query: `{ n${number}: __typename }${' '.repeat(padding)}` });
    const bodies = [10, 20_000, 90_000, 70_000, 10].map((padding, number) => documentOf(number, padding));
    const post = (body: string) => requestText('POST /graphql', { body });
    const last = requestText('GET /health/live', { headers: 'Connection: close\r\n' });
    const answers = await service.raw(bodies.map(post).join('') + last);
    const names = [...answers.matchAll(/"n(\d)":"Query"/g)].map(([, number]) => Number(number));
    expect(names).toEqual([0, 1, 2, 3, 4]);
    expect(answers.match(/HTTP\/1.1 200/g)).toHaveLength(6);
  });
});
