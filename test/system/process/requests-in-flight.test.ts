import { text } from 'node:stream/consumers';
import type { Sql } from 'postgres';
import type { Service } from '../../support/app.ts';
import { badgeBody, badgeInput, it as base, describe, expect, type SignedIn } from '../../support/fixtures.ts';
import type { HttpClient } from '../../support/http-client.ts';
import { openSocket, openSockets, requestText } from '../../support/raw-sockets.ts';
import { delayHeldInserts, heldBody, heldMutation, untilHeld } from './held-inserts.ts';

const it = base.extend('delays', { auto: true }, async ({ db }) => delayHeldInserts(db.sql));

const CREATE = 'mutation($input: CreateBadgeInput!) { createBadge(input: $input) { badge { id } } }';
const badgesOf = ({ id }: { id: string }) => `/users/${id}/badges`;
const statusesIn = (responses: string) =>
  [...responses.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, code]) => Number(code));

function postText({ id, token }: SignedIn, body: object, more = ''): string {
  const headers = `Authorization: Bearer ${token}\r\n${more}`;
  return requestText(`POST ${badgesOf({ id })}`, { headers, body: JSON.stringify(body) });
}

/** Starts a request for each user that is in flight for 2 s. */
async function occupy(service: Service, sql: Sql, users: readonly SignedIn[]) {
  const mutationOf = ({ token }: SignedIn) =>
    requestText('POST /graphql', {
      headers: `Authorization: Bearer ${token}\r\n`,
      body: JSON.stringify(heldMutation()),
    });
  const open = (i: number) => openSocket(service.url, mutationOf(users[i] as SignedIn));
  const sockets = await openSockets(users.length, open);
  await untilHeld(sql, users.length);
  return sockets;
}

const operationsOf = ({ app }: Service): HttpClient['url'] => {
  const address = app.operations?.server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
};

describe('MAX_REQUESTS_IN_FLIGHT', () => {
  it('limits concurrent requests; requests over it get 503 in the format of their API and change nothing', async ({
    serve,
    db,
    createUser,
  }) => {
    const users = await Promise.all(Array.from({ length: 5 }, () => createUser()));
    const ada = await createUser();
    const service = await serve({ MAX_REQUESTS_IN_FLIGHT: '5', OPERATIONS_PORT: '0' });
    const held = await occupy(service, db.sql, users);

    const rejected = await Promise.all(
      Array.from({ length: 20 }, () => service.rest(badgesOf(ada), { token: ada.token, body: badgeBody() })),
    );
    const { status, headers, body } = await service.graphql(CREATE, { input: badgeInput() }, { token: ada.token });
    const liveness = await service.rest('/health/live');
    const metrics = await fetch(`${operationsOf(service)}/metrics`);
    const rows = Object.values(await db.snapshot()).flat();
    expect(rows.filter((row) => row.includes(ada.id))).toEqual([]);

    for (const { status, headers, body } of rejected) {
      expect(status).toBe(503);
      expect(headers).toMatchObject({ 'retry-after': '1', 'content-type': 'application/json; charset=utf-8' });
      expect(body).toEqual({
        detail: 'The service is overloaded',
        code: 'SERVICE_UNAVAILABLE',
        request_id: headers['x-request-id'],
      });
    }
    expect({ status, retryAfter: headers['retry-after'] }).toEqual({ status: 503, retryAfter: '1' });
    expect(body).toEqual({
      errors: [
        {
          message: 'The service is overloaded',
          extensions: { code: 'SERVICE_UNAVAILABLE', requestId: expect.any(String) },
        },
      ],
    });
    expect([liveness.status, metrics.status]).toEqual([200, 200]);
    expect(
      Number(/^http_server_requests_rejected_total\{reason="concurrency"\} (\d+)$/m.exec(await metrics.text())?.[1]),
    ).toBe(21);

    for (const socket of held) expect(statusesIn(await readHead(socket))).toEqual([200]);
    for (const user of users) expect((await service.rest(badgesOf(user))).body).toHaveLength(2);
  });

  it('does not count requests of clients that have disconnected', async ({ serve, db, createUser }) => {
    const service = await serve({ MAX_REQUESTS_IN_FLIGHT: '2', DATABASE_POOL_SIZE: '10' });
    for (let round = 0; round < 3; round++) {
      const users = [await createUser(), await createUser()];
      for (const socket of await occupy(service, db.sql, users)) socket.destroy();
      await expect.poll(async () => (await service.rest('/users/ada/badges')).status, { interval: 5 }).toBe(200);
      await untilHeld(db.sql, 0);
    }
  });

  it('does not count requests without their whole body, and counts them when the body is complete', async ({
    serve,
    createUser,
  }) => {
    const users = await Promise.all(Array.from({ length: 30 }, () => createUser()));
    const service = await serve({ MAX_REQUESTS_IN_FLIGHT: '3' });
    const posts = users.map((user) => postText(user, heldBody(), 'Connection: close\r\n'));
    const sockets = await openSockets(30, (i) => openSocket(service.url, posts[i]?.slice(0, -1)));
    for (let i = 0; i < 20; i++) expect((await service.rest('/users/ada/badges')).status).toBe(200);
    const answers = sockets.map((socket) => {
      socket.write('}');
      return text(socket.resume());
    });
    const statuses = (await Promise.all(answers)).flatMap(statusesIn).sort();
    expect(statuses).toEqual([...Array(3).fill(200), ...Array(27).fill(503)]);
    expect(service.logs.filter(({ level }) => level !== 'info')).toEqual([]);
  });

  it('counts a request with a body that its route does not read', async ({ serve, db, createUser }) => {
    const ada = await createUser();
    const service = await serve({ MAX_REQUESTS_IN_FLIGHT: '1' });
    await occupy(service, db.sql, [ada]);
    for (const path of ['/health/live', '/health/ready']) {
      for (const line of [`GET ${path}?x`, `GET ${path}/`, `POST ${path}`, `OPTIONS ${path}`, `DELETE ${path}`]) {
        const answer = await service.raw(requestText(line, { headers: 'Connection: close\r\n' }));
        expect(statusesIn(answer), line).toEqual([503]);
      }
      const answer = await service.raw(requestText(`GET ${path}`, { headers: 'Connection: close\r\n', body: '{}' }));
      expect(statusesIn(answer)).toEqual([503]);
      for (const method of ['GET', 'HEAD']) expect((await service.rest(path, { method })).status).toBe(200);
    }
    expect((await service.rest('/metrics')).status).toBe(503);
  });
});

describe('pipelined requests of one connection', () => {
  it('are handled one after another', async ({ serve, createUser }) => {
    const ada = await createUser();
    const service = await serve({ MAX_REQUESTS_IN_FLIGHT: '2' });
    const list = requestText(`GET ${badgesOf(ada)}`);
    const last = requestText(`GET ${badgesOf(ada)}`, { headers: 'Connection: close\r\n' });
    const pending = service.raw(`${postText(ada, heldBody())}${list.repeat(20)}${last}`);
    for (let i = 0; i < 20; i++) expect((await service.rest('/users/ada/badges')).status).toBe(200);
    const answer = await pending;
    expect(statusesIn(answer)).toEqual(Array(22).fill(200));
    expect(answer.match(/"name":"held"/g)).toHaveLength(22);
  });

  it('are not handled after a response that closes the connection', async ({ service, createUser, db }) => {
    const ada = await createUser();
    const before = await db.snapshot();
    const invalid = 'GET /users/ada/badges HTTP/1.1\r\nHost: a b\r\n\r\n';
    expect(statusesIn(await service.raw(`${invalid}${postText(ada, badgeBody())}`))).toEqual([400]);
    expect(await db.snapshot()).toEqual(before);
  });

  it('end the connection when there are more than 100 without a response', async ({ service }) => {
    const path = requestText('GET /users/ada/badges');
    expect(statusesIn(await service.raw(path.repeat(300)).catch(() => ''))).toEqual([]);
    expect((await service.rest('/users/ada/badges')).status).toBe(200);
  });
});

/** Reads the head of a response, and closes the connection. */
async function readHead(socket: Awaited<ReturnType<typeof openSocket>>): Promise<string> {
  let received = '';
  socket
    .on('data', (chunk) => {
      received += chunk;
    })
    .resume();
  await expect.poll(() => received, { timeout: 10_000 }).toContain('\r\n\r\n');
  socket.destroy();
  return received;
}
