import { once } from 'node:events';
import type { Socket } from 'node:net';
import { badgeBody, describe, expect, it } from '../../support/fixtures.ts';
import { openSocket, requestText } from '../../support/raw-sockets.ts';

describe('a client that reads nothing', () => {
  it('is not in flight, and its connection closes in at most 24 s', { timeout: 90_000 }, async ({
    serve,
    db,
    createUser,
  }) => {
    const { id, token } = await createUser();
    const service = await serve({ MAX_REQUESTS_IN_FLIGHT: '1' });
    await service.rest(`/users/${id}/badges`, { token, body: badgeBody() });
    await db.sql`
      insert into badges (auth_user_id, name, description, icon_url, date_achieved)
      select ${id}, 'x', repeat('€', 500), repeat('€', 500), now() from generate_series(1, 5000)`;
    const connected = once(service.app.http.server, 'connection');
    const socket = await openSocket(service.url, requestText(`GET /users/${id}/badges`));
    const [connection] = (await connected) as [Socket];
    const start = performance.now();
    await expect.poll(() => connection.writableLength, { timeout: 10_000 }).toBeGreaterThan(0);
    await expect.poll(async () => (await service.rest('/users/ada/badges')).status, { timeout: 10_000 }).toBe(200);
    const written = performance.now();
    await expect.poll(() => connection.closed, { timeout: 60_000, interval: 100 }).toBe(true);
    expect(performance.now() - start).toBeGreaterThan(11_000);
    expect(performance.now() - written).toBeLessThan(27_000);
    socket.destroy();
  });
});
