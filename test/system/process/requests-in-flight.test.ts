import { text } from 'node:stream/consumers';
import type { Sql } from 'postgres';
import type { Service } from '../../support/app.ts';
import { badgeBody, badgeInput, it as base, describe, expect, type SignedIn } from '../../support/fixtures.ts';
import type { HttpClient } from '../../support/http-client.ts';
import { openSocket, openSockets, requestText } from '../../support/raw-sockets.ts';
import { untilReady } from '../../support/ready.ts';
import { createHeldInserts, heldBody, heldMutation, untilHeld, whileHeld } from './held-inserts.ts';

const it = base.extend('heldInserts', { scope: 'file', auto: true }, async ({ db }) => createHeldInserts(db.sql));

const CREATE = 'mutation($input: CreateBadgeInput!) { createBadge(input: $input) { badge { id } } }';
const badgesOf = ({ id }: { id: string }) => `/users/${id}/badges`;
const statusesIn = (responses: string) =>
  [...responses.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, code]) => Number(code));

function postText({ id, token }: SignedIn, body: object, more = ''): string {
  const headers = `Authorization: Bearer ${token}\r\n${more}`;
  return requestText(`POST ${badgesOf({ id })}`, { headers, body: JSON.stringify(body) });
}

/** Starts a request for each user that is in flight during `whileHeld`. */
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
    const { held, rejected, operation, liveness, metrics } = await whileHeld(db.sql, async () => ({
      held: await occupy(service, db.sql, users),
      rejected: await Promise.all(
        Array.from({ length: 20 }, () => service.rest(badgesOf(ada), { token: ada.token, body: badgeBody() })),
      ),
      operation: await service.graphql(CREATE, { input: badgeInput() }, { token: ada.token }),
      liveness: await service.rest('/health/live'),
      metrics: await fetch(`${operationsOf(service)}/metrics`),
    }));
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
    expect(operation).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
    expect(operation.body).toEqual({
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
      await whileHeld(db.sql, async () => {
        for (const socket of await occupy(service, db.sql, users)) socket.destroy();
        await expect.poll(async () => (await service.rest('/users/ada/badges')).status, { interval: 5 }).toBe(200);
        await untilHeld(db.sql, 2);
      });
      await untilHeld(db.sql, 0);
    }
  });

  it('does not count requests without their whole body, and counts them when the body is complete', async ({
    serve,
    db,
    createUser,
  }) => {
    const users = await Promise.all(Array.from({ length: 30 }, () => createUser()));
    const service = await serve({ MAX_REQUESTS_IN_FLIGHT: '3' });
    const posts = users.map((user) => postText(user, heldBody(), 'Connection: close\r\n'));
    const sockets = await openSockets(30, (i) => openSocket(service.url, posts[i]?.slice(0, -1)));
    for (let i = 0; i < 20; i++) expect((await service.rest('/users/ada/badges')).status).toBe(200);
    const statuses: number[] = [];
    const complete = async (socket: (typeof sockets)[number]) => {
      socket.write('}');
      statuses.push(...statusesIn(await text(socket.resume())));
    };
    const [answered] = await whileHeld(db.sql, async () => {
      const pending = Promise.all(sockets.map(complete));
      await expect.poll(() => statuses).toEqual(Array(27).fill(503));
      return [pending];
    });
    await answered;
    expect(statuses.slice(27)).toEqual(Array(3).fill(200));
    expect(service.logs.filter(({ level }) => level !== 'info')).toEqual([]);
  });

  it('counts a request with a body that its route does not read', async ({ serve, db, createUser }) => {
    const ada = await createUser();
    const service = await serve({ MAX_REQUESTS_IN_FLIGHT: '1' });
    await untilReady(service);
    const paths = ['/health/live', '/health/ready'];
    const requests = paths.flatMap((path) => [
      ...[`GET ${path}?x`, `GET ${path}/`, `POST ${path}`, `OPTIONS ${path}`, `DELETE ${path}`].map((line) => ({
        line,
      })),
      { line: `GET ${path}`, body: '{}' },
    ]);
    await whileHeld(db.sql, async () => {
      await occupy(service, db.sql, [ada]);
      const rejected = requests.map(async ({ line, ...options }) => {
        const answer = await service.raw(requestText(line, { ...options, headers: 'Connection: close\r\n' }));
        expect(statusesIn(answer), line).toEqual([503]);
      });
      await Promise.all(rejected);
      for (const path of paths) {
        for (const method of ['GET', 'HEAD']) expect((await service.rest(path, { method })).status).toBe(200);
      }
      expect((await service.rest('/metrics')).status).toBe(503);
    });
  });
});

describe('pipelined requests of one connection', () => {
  it('are handled one after another', async ({ serve, db, createUser }) => {
    const ada = await createUser();
    const service = await serve({ MAX_REQUESTS_IN_FLIGHT: '2' });
    const list = requestText(`GET ${badgesOf(ada)}`);
    const last = requestText(`GET ${badgesOf(ada)}`, { headers: 'Connection: close\r\n' });
    const [pending] = await whileHeld(db.sql, async () => {
      const sent = service.raw(`${postText(ada, heldBody())}${list.repeat(20)}${last}`);
      await untilHeld(db.sql, 1);
      for (let i = 0; i < 20; i++) expect((await service.rest('/users/ada/badges')).status).toBe(200);
      return [sent];
    });
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
