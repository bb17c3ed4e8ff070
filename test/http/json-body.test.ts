import { setTimeout as delay } from 'node:timers/promises';
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
  }) => {
    const members = Array.from({ length: 40_000 }, (_, i) => `"${i}":0`);
    const body = `{"query":"{ __typename }","variables":{${members}}}`;
    const text = requestText('POST /graphql', { body });
    const sockets = await openSockets(40, () => openSocket(service.url, text.slice(0, -1)));
    let answered = 0;
    for (const socket of sockets) socket.on('data', () => answered++).resume();
    await service.rest('/health/live');
    await delay(500);
    for (const socket of sockets) socket.write('}');
    await service.rest('/health/live');
    expect(answered).toBeLessThan(sockets.length / 2);
    await expect.poll(() => answered, { timeout: 10_000 }).toBe(sockets.length);
    for (const socket of sockets) socket.destroy();
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
