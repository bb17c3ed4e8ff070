import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { Sql } from 'postgres';
import type { Service } from '../../support/app.ts';
import { badgeBody, describe, expect, it } from '../../support/fixtures.ts';
import { openSocket, requestText } from '../../support/raw-sockets.ts';
import { scrape, sumOf } from '../../telemetry/exposition.ts';

/** Bytes that a slow client reads in a second: too few for the whole response within its time limit. */
const BYTES_PER_SECOND = 500_000;

const insertBadges = (sql: Sql, userId: string, count: number) => sql`
  insert into badges (auth_user_id, name, description, icon_url, date_achieved)
  select ${userId}, 'x', repeat('€', 500), repeat('€', 500), now() from generate_series(1, ${count}::int)`;

/** Requests the badges of a user, and returns both ends of the connection. */
async function requestBadges(service: Service, userId: string): Promise<{ client: Socket; server: Socket }> {
  const connected = once(service.app.http.server, 'connection');
  const client = await openSocket(service.url, requestText(`GET /users/${userId}/badges`));
  const [server] = (await connected) as [Socket];
  return { client, server };
}

const closedBecause = async (service: Service, reason: string) =>
  sumOf(await scrape(service), 'http_server_connections_closed_total', { reason });

const abortedRequests = ({ logs }: Service) => logs.filter(({ msg, aborted }) => msg === 'request' && aborted);

describe('a client that reads nothing', () => {
  it('is not in flight, and its connection closes in at most 24 s', { timeout: 90_000 }, async ({
    serve,
    db,
    createUser,
  }) => {
    const { id, token } = await createUser();
    const service = await serve({ MAX_REQUESTS_IN_FLIGHT: '1' });
    await service.rest(`/users/${id}/badges`, { token, body: badgeBody() });
    await insertBadges(db.sql, id, 5000);
    const { client, server } = await requestBadges(service, id);
    const start = performance.now();
    await expect.poll(() => server.writableLength, { timeout: 10_000 }).toBeGreaterThan(0);
    await expect.poll(async () => (await service.rest('/users/ada/badges')).status, { timeout: 10_000 }).toBe(200);
    const written = performance.now();
    await expect.poll(() => server.closed, { timeout: 60_000, interval: 100 }).toBe(true);
    expect(performance.now() - start).toBeGreaterThan(11_000);
    expect(performance.now() - written).toBeLessThan(27_000);
    client.destroy();
    expect(await closedBecause(service, 'inactive')).toBe(1);
    expect(abortedRequests(service)).toMatchObject([{ route: '/users/:auth_user_id/badges', status: 499 }]);
  });
});

describe('a client that reads slowly', () => {
  it('loses its connection after 30 s', { timeout: 90_000 }, async ({ serve, db, createUser }) => {
    const { id, token } = await createUser();
    const service = await serve();
    await service.rest(`/users/${id}/badges`, { token, body: badgeBody() });
    await insertBadges(db.sql, id, 10_000);
    const start = performance.now();
    const { client, server } = await requestBadges(service, id);
    let unread = 0;
    client.on('data', ({ length }) => {
      unread += length;
      if (unread > BYTES_PER_SECOND) client.pause();
    });
    const reading = setInterval(() => {
      unread = 0;
      client.resume();
    }, 1000);
    await expect.poll(() => server.closed, { timeout: 60_000, interval: 100 }).toBe(true);
    clearInterval(reading);
    client.destroy();
    expect(performance.now() - start).toBeGreaterThan(29_000);
    expect(await closedBecause(service, 'slow_response')).toBe(1);
    expect(abortedRequests(service)).toMatchObject([{ route: '/users/:auth_user_id/badges', status: 499 }]);
  });
});
