import { finished } from 'node:stream/promises';
import { onTestFinished } from 'vitest';
import { describe, expect, it } from '../support/fixtures.ts';
import { startLimitedServer } from '../support/limited-server.ts';
import { openSocket } from '../support/raw-sockets.ts';

const MAX_CHUNKS = 10_000;
const CHUNK = '1\r\n \r\n';
const END = '0\r\n\r\n';

const chunked = (method: string, chunks: number) =>
  `${method} / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${CHUNK.repeat(chunks)}`;

/** Starts a server that answers each request at once, or rejects it with `maxInFlight` 0, and sends it the bytes. */
async function send(bytes: string, { maxInFlight = 1 } = {}) {
  const { limit, url, closed, close } = await startLimitedServer({ maxInFlight });
  onTestFinished(close);
  limit.passTo((_request, response) => {
    limit.endRequest(response, 0);
    response.end();
  });
  const socket = await openSocket(url, bytes);
  const received = socket.setEncoding('latin1').toArray();
  return { limit, closed, socket, received };
}

describe('a chunked body', () => {
  const kinds: [string, string, number][] = [
    ['of a POST', 'POST', 1],
    ['of a GET', 'GET', 1],
    ['of a rejected request', 'POST', 0],
  ];

  it.for(kinds)('%s has at most 10,000 chunks: one more closes the connection', async ([, method, maxInFlight]) => {
    const { limit, closed, socket } = await send(chunked(method, MAX_CHUNKS + 1), { maxInFlight });
    socket.resume();
    await expect.poll(() => socket.closed).toBe(true);
    expect(closed).toEqual(['chunks']);
    await expect.poll(() => limit.openRequests).toBe(0);
  });

  it.for(kinds)(
    '%s may have 10,000 chunks, and so may the next one of the connection',
    async ([, method, maxInFlight]) => {
      const { closed, socket, received } = await send(chunked(method, MAX_CHUNKS) + END, { maxInFlight });
      await expect.poll(() => socket.bytesRead).toBeGreaterThan(0);
      const first = socket.bytesRead;
      socket.write(chunked(method, MAX_CHUNKS) + END);
      await expect.poll(() => socket.bytesRead).toBeGreaterThan(first);
      expect(closed).toEqual([]);
      socket.end();
      await finished(socket);
      expect((await received).join('').match(/HTTP\/1\.1 /g)).toHaveLength(2);
    },
  );
});
