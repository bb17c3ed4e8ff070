import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { badgeBody, describe, expect, it } from '../support/fixtures.ts';
import { startLimitedServer } from '../support/limited-server.ts';
import { openSocket, requestText } from '../support/raw-sockets.ts';

/** Bytes that are not valid HTTP. */
const GARBAGE = 'no HTTP\r\n\r\n';
const GET = requestText('GET /users/ada/badges');
const CHUNKED_POST = 'POST /users/ada/badges HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n';
/** A chunk with an invalid length. */
const INVALID_CHUNK = 'x\r\n';
/** Badges of a user whose list is longer than the buffers of a connection. */
const MANY_BADGES = 8000;

const statusesIn = (answers: string) =>
  [...answers.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));

/** Sends each part when the response to the one before it has begun. Returns all that the service sends. */
async function exchange(url: string, ...parts: string[]): Promise<string> {
  const socket = await openSocket(url);
  let received = '';
  socket.on('data', (bytes: Buffer) => (received += bytes.toString())).resume();
  for (const [responses, part] of parts.entries()) {
    await expect.poll(() => statusesIn(received).length).toBe(responses);
    socket.write(part);
  }
  await once(socket, 'close');
  return received;
}

describe('after bytes that are not valid HTTP', () => {
  it('a complete write before them gets its own response, and the connection is closed', async ({
    service,
    createUser,
    db,
  }) => {
    const { id, token } = await createUser();
    const headers = `Authorization: Bearer ${token}\r\n`;
    const create = requestText(`POST /users/${id}/badges`, { headers, body: JSON.stringify(badgeBody()) });
    const answers = await service.raw(create + GARBAGE);
    expect(statusesIn(answers)).toEqual([200]);
    const { badges } = await db.snapshot();
    expect(badges?.filter((row) => row.includes(id))).toHaveLength(1);
  });

  it('a list that is being sent stays whole, and the connection is closed', async ({ service, createUser, db }) => {
    const { id } = await createUser();
    await db.sql`insert into auth_users (id) values (${id})`;
    await db.sql`
      insert into badges (auth_user_id, name, description, icon_url, date_achieved)
      select ${id}, 'x', repeat('x', 500), repeat('x', 500), now() from generate_series(1, ${MANY_BADGES}::int)`;
    const answers = await exchange(service.url, requestText(`GET /users/${id}/badges`), GARBAGE);
    expect(statusesIn(answers)).toEqual([200]);
    expect(answers).toMatch(/\r\n0\r\n\r\n$/);
    expect(answers.match(/"date_achieved"/g)).toHaveLength(MANY_BADGES);
  });

  it('all complete requests before them get their responses, and the connection is closed', async ({ service }) => {
    expect(statusesIn(await service.raw(GET.repeat(3) + GARBAGE))).toEqual([200, 200, 200]);
  });

  it('a request gets no second response, and the connection is closed', async ({ service }) => {
    expect(statusesIn(await exchange(service.url, CHUNKED_POST, INVALID_CHUNK))).toEqual([401]);
    const get = 'GET /users/ada/badges HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n';
    expect(statusesIn(await exchange(service.url, get, INVALID_CHUNK))).toEqual([200]);
  });

  it('the next request of the connection gets 400', async ({ service }) => {
    expect(statusesIn(await exchange(service.url, GET, GARBAGE))).toEqual([200, 400]);
    const head = requestText('POST /users/ada/badges', { contentLength: 2 });
    expect(statusesIn(await exchange(service.url, head, `{}${GET}`, GARBAGE))).toEqual([401, 200, 400]);
  });
});

describe('an error of a connection', () => {
  /** Starts a server that answers no request by itself. */
  async function startHoldingServer() {
    const { limit, server, url, close } = await startLimitedServer();
    onTestFinished(close);
    const held: ServerResponse[] = [];
    limit.passTo((_request, response) => held.push(response));
    server.on('clientError', (_error, socket) => limit.connections.closeAfterResponses(socket as Socket));
    const open = async (bytes: string, count = 1) => {
      const socket = await openSocket(url, bytes);
      onTestFinished(() => void socket.destroy());
      await expect.poll(() => held.length).toBe(count);
      return { socket, response: held.at(-1) as ServerResponse };
    };
    const allowsError = ({ req }: ServerResponse) => limit.connections.allowsErrorResponse(req.socket);
    return { limit, held, open, allowsError };
  }

  it('is the response to a request whose body is incomplete, and not to one that is complete', async () => {
    const { open, allowsError } = await startHoldingServer();
    const incomplete = requestText('POST /', { contentLength: 10 });
    const { response } = await open(incomplete);
    expect(allowsError(response)).toBe(true);
    response.flushHeaders();
    expect(allowsError(response)).toBe(false);
    expect(allowsError((await open(requestText('GET /'), 2)).response)).toBe(false);
    expect(allowsError((await open(requestText('GET /') + incomplete, 3)).response)).toBe(false);
  });

  it('is the response to the next head once the body of a request that was answered early has arrived', async () => {
    const { limit, open, allowsError } = await startHoldingServer();
    const { socket, response } = await open(requestText('POST /', { contentLength: 10 }));
    limit.endRequest(response, 0);
    response.end();
    await expect.poll(() => limit.openRequests).toBe(0);
    expect(allowsError(response)).toBe(false);
    socket.write('x'.repeat(10));
    await expect.poll(() => allowsError(response)).toBe(true);
  });

  it('closes it after the responses to the complete requests, and the others are not begun', async () => {
    const { limit, held, open } = await startHoldingServer();
    const incomplete = requestText('POST /', { body: 'x', contentLength: 10 });
    const { socket, response } = await open(requestText('GET /').repeat(2) + incomplete);
    await expect.poll(() => limit.openRequests).toBe(3);
    socket.end();
    await once(response.req.socket, 'end');
    response.end('first');
    await expect.poll(() => held.length).toBe(2);
    held[1]?.end('second');
    const answers = await text(socket);
    expect([statusesIn(answers), answers.endsWith('second\r\n0\r\n\r\n') || answers.endsWith('second')]).toEqual([
      [200, 200],
      true,
    ]);
    await expect.poll(() => limit.openRequests).toBe(0);
    expect(held).toHaveLength(2);
  });
});
