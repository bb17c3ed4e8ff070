import type { Socket } from 'node:net';
import { withLongLockTimeout } from '../support/database.ts';
import { badgeBody, describe, expect, it } from '../support/fixtures.ts';
import { openSocket, openSockets, requestText } from '../support/raw-sockets.ts';

describe('a JSON body', () => {
  it('of many small values is too large', async ({ service }) => {
    for (const value of ['{}', '[]', '0', '""']) {
      const list = `[${Array(Math.floor(900_000 / (value.length + 1))).fill(value)}]`;
      const body = `{"query":"{ __typename }","variables":{"list":${list}}}`;
      const response = await service.rest('/graphql', { body });
      expect(response).toMatchObject({ status: 413, body: { errors: [{ extensions: { code: 'BAD_REQUEST' } }] } });
    }
    const members = Array.from({ length: 80_000 }, (_, i) => `"${i}":0`);
    expect((await service.rest('/graphql', { body: `{${members}}` })).status).toBe(413);
  });

  it('of many values waits for the one before it, so that other requests are served in between', async ({
    service,
    onTestFinished,
  }) => {
    const members = Array.from({ length: 40_000 }, (_, i) => `"${i}":0`);
    const body = `{"query":"{ __typename }","variables":{${members}}}`;
    const text = requestText('POST /graphql', { body });
    const accepted: Socket[] = [];
    const { server } = service.app.http;
    const accept = (socket: Socket) => accepted.push(socket);
    server.on('connection', accept);
    onTestFinished(() => void server.off('connection', accept));
    const sockets = await openSockets(40, () => openSocket(service.url, text.slice(0, -1)));
    let answered = 0;
    for (const socket of sockets) socket.on('data', () => answered++).resume();
    await service.rest('/health/live');
    const received = () => accepted.reduce((sum, { bytesRead }) => sum + bytesRead, 0);
    await expect.poll(received).toBeGreaterThanOrEqual(sockets.length * (text.length - 1));
    for (const socket of sockets) socket.write('}');
    await service.rest('/health/live');
    expect(answered).toBeLessThan(sockets.length / 2);
    await expect.poll(() => answered, { timeout: 10_000 }).toBe(sockets.length);
    for (const socket of sockets) socket.destroy();
  });

  it('of many values counts for the bodies in flight with the memory of its values', async ({ serve, db }) => {
    // Each request has a connection, so that none ends before the bodies of the others have arrived.
    const service = await serve({ DATABASE_URL: withLongLockTimeout(db.url) });
    const repeat = <Result>(send: () => Promise<Result>) => Array.from({ length: 10 }, send);
    await Promise.all(repeat(() => service.rest('/health/live')));
    const query =
      '{ _entities(representations: [{ __typename: "User", id: "ada" }]) { ... on User { badges { id } } } }';
    // 900 KB with 24,000 lists: with their memory, 6 such bodies have 15 MB.
    const variables = { list: Array(24_000).fill([]), text: 'x'.repeat(830_000) };
    const body = JSON.stringify({ query, variables });
    const statuses: number[] = [];
    const requests = await db.sql.begin(async (tx) => {
      await tx`lock table badges in access exclusive mode`;
      const sent = repeat(async () => statuses.push((await service.rest('/graphql', { body })).status));
      await expect.poll(() => statuses.length, { interval: 5 }).toBeGreaterThanOrEqual(4);
      return [sent];
    });
    await Promise.all(requests.flat());
    expect(statuses.slice(0, 4)).toEqual(Array(4).fill(503));
    const { text } = await service.rest('/metrics');
    expect(text).toMatch(/^http_server_requests_rejected_total\{reason="body_bytes"\} \d+$/m);
  });

  it('of one long text, or of the largest batch, is accepted', async ({ service, createUser }) => {
    const { id, token } = await createUser();
    const description = 'x'.repeat(900_000);
    const { status } = await service.rest(`/users/${id}/badges`, { token, body: badgeBody({ description }) });
    expect(status).toBe(422);
    const representations = Array.from({ length: 1000 }, (_, i) => ({
      __typename: 'User',
      id: `${i}-${'x'.repeat(100)}`,
    }));
    const query = 'query($representations: [_Any!]!) { _entities(representations: $representations) { __typename } }';
    expect((await service.graphql(query, { representations })).status).toBe(200);
  });
});
