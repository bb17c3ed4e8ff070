import { setTimeout as delay } from 'node:timers/promises';
import { withLongLockTimeout } from '../support/database.ts';
import { badgeBody, describe, expect, it } from '../support/fixtures.ts';
import { whileLocked } from '../support/locked-user.ts';
import { openSocket, requestText } from '../support/raw-sockets.ts';
import { countWaiting } from '../support/waiting.ts';
import { scrape, sumOf } from '../telemetry/exposition.ts';

const ROUTE = '/users/:auth_user_id/badges';

describe('the duration of a request', () => {
  it('does not contain the time in which its client sends the body', async ({ serve, createUser }) => {
    const { id, token } = await createUser();
    const service = await serve();
    const body = JSON.stringify(badgeBody());
    const [head = ''] = requestText(`POST /users/${id}/badges`, {
      headers: `Authorization: Bearer ${token}\r\n`,
      contentLength: Buffer.byteLength(body),
    }).split(/(?<=\r\n\r\n)/);
    const socket = await openSocket(service.url, head);
    await delay(1000);
    socket.write(body);
    const lines = () => service.logs.filter(({ route }) => route === ROUTE);
    await expect.poll(lines).toMatchObject([{ status: 200 }]);
    socket.destroy();
    const series = await scrape(service);
    const seconds = sumOf(series, 'http_server_request_duration_seconds_sum', { http_route: ROUTE });
    expect(sumOf(series, 'http_server_request_duration_seconds_count', { http_route: ROUTE })).toBe(1);
    expect(seconds).toBeGreaterThan(0);
    expect(lines()[0].ms / 1000 - seconds).toBeGreaterThan(0.8);
  });

  it('contains the time in which the service waits after the end of the body', async ({ serve, createUser, db }) => {
    const { id, token } = await createUser();
    const service = await serve({ DATABASE_URL: withLongLockTimeout(db.url) });
    const { status } = await whileLocked(db.sql, id, {
      start: () => service.rest(`/users/${id}/badges`, { token, body: badgeBody() }),
      until: async () => {
        await expect.poll(() => countWaiting(db.sql), { interval: 5 }).toBe(1);
        await delay(300);
      },
    });
    expect(status).toBe(200);
    const series = await scrape(service);
    expect(sumOf(series, 'http_server_request_duration_seconds_sum', { http_route: ROUTE })).toBeGreaterThan(0.2);
  });
});
