import type { Service } from '../support/app.ts';
import { slow } from '../support/faults.ts';
import { describe, expect, it } from '../support/fixtures.ts';
import { startLimitedServer } from '../support/limited-server.ts';
import { openSocket, requestText } from '../support/raw-sockets.ts';
import { scrape, sumOf } from '../telemetry/exposition.ts';

const USER = '/users/:auth_user_id';
const BADGES = '/users/:auth_user_id/badges';
const COUNT = 'http_server_request_duration_seconds_count';

const linesOf = ({ logs }: Service, wanted: string) =>
  logs.filter(({ msg, route }) => msg === 'request' && route === wanted);

/** Returns the numbers of requests to the route by status. */
async function statusesOf(service: Service, http_route: string): Promise<Record<string, number>> {
  const series = (await scrape(service)).filter(
    ({ name, labels }) => name === COUNT && labels.http_route === http_route,
  );
  return Object.fromEntries(series.map(({ labels, value }) => [labels.http_response_status_code, value]));
}

describe('a request whose client disconnects', () => {
  it('before the response is reported once, although its handler continues', async ({ serve, auth }) => {
    const service = await serve();
    auth.fail('graphql', slow(400));
    auth.calls.clear();
    const socket = await openSocket(service.url, requestText(`GET /users/unknown-${crypto.randomUUID()}`));
    await expect.poll(() => auth.callsTo('graphql').length, { interval: 5 }).toBeGreaterThan(0);
    socket.destroy();
    await expect.poll(() => linesOf(service, USER)).toHaveLength(1);
    await expect.poll(() => service.app.http.inFlight.requests).toBe(0);
    await new Promise((resolve) => setTimeout(resolve, 1200));
    expect(linesOf(service, USER)).toMatchObject([{ level: 'info', method: 'GET', status: 499, aborted: true }]);
    expect(await statusesOf(service, USER)).toEqual({ 499: 1 });
  });

  it('during an operation has the name of that in its line', async ({ serve, auth }) => {
    const service = await serve();
    auth.fail('graphql', slow(400));
    auth.calls.clear();
    const query = `query Waiting { learner(id: "unknown-${crypto.randomUUID()}") { id } }`;
    const socket = await openSocket(service.url, requestText('POST /graphql', { body: JSON.stringify({ query }) }));
    await expect.poll(() => auth.callsTo('graphql').length, { interval: 5 }).toBeGreaterThan(0);
    socket.destroy();
    await expect.poll(() => linesOf(service, '/graphql')).toHaveLength(1);
    const line = { status: 499, aborted: true, operationType: 'query', operationName: 'Waiting' };
    expect(linesOf(service, '/graphql')).toMatchObject([line]);
  });

  it('before its body is complete has no duration', async ({ serve, createUser }) => {
    const { id, token } = await createUser();
    const service = await serve();
    const headers = `Authorization: Bearer ${token}\r\n`;
    const socket = await openSocket(
      service.url,
      requestText(`POST /users/${id}/badges`, { headers, contentLength: 50 }),
    );
    await new Promise((resolve) => setTimeout(resolve, 500));
    socket.resetAndDestroy();
    await expect.poll(() => linesOf(service, BADGES)).toMatchObject([{ status: 499, aborted: true }]);
    expect(linesOf(service, BADGES)[0].ms).toBeGreaterThan(300);
    expect(await statusesOf(service, BADGES)).toEqual({ 499: 1 });
    const seconds = sumOf(await scrape(service), 'http_server_request_duration_seconds_sum', { http_route: BADGES });
    expect(seconds).toBe(0);
  });

  it('during the response is reported once', async ({ serve, createUser, db }) => {
    const { id } = await createUser();
    await db.sql`insert into auth_users (id) values (${id})`;
    await db.sql`
      insert into badges (auth_user_id, name, description, icon_url, date_achieved)
      select ${id}, 'x', repeat('€', 500), repeat('€', 500), now() from generate_series(1, 5000)`;
    const service = await serve();
    const socket = await openSocket(service.url, requestText(`GET /users/${id}/badges`));
    await new Promise((resolve) => socket.once('readable', resolve));
    socket.destroy();
    await expect.poll(() => linesOf(service, BADGES)).toMatchObject([{ status: 499, aborted: true }]);
    expect(await statusesOf(service, BADGES)).toEqual({ 499: 1 });
  });

  it('has one line, and no duration, when an error was written in place of the response', async ({
    serve,
    createUser,
  }) => {
    const { id, token } = await createUser();
    const service = await serve();
    const head = `POST /users/${id}/badges HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`;
    expect(await service.raw(`${head}an invalid chunk\r\n`)).toMatch(/^HTTP\/1\.1 400 /);
    await expect.poll(() => service.app.http.inFlight.requests).toBe(0);
    const lines = service.logs.filter(({ msg }) => msg === 'request');
    expect(lines).toMatchObject([{ status: 400, method: null, route: null }]);
    expect(await statusesOf(service, BADGES)).toEqual({});
  });
});

describe('a connection at its timeout', () => {
  it('is counted as inactive if it has an open request, and else is not', async ({ onTestFinished }) => {
    const { server, limit, closed, close, url } = await startLimitedServer();
    onTestFinished(close);
    server.setTimeout(100);
    server.keepAliveTimeout = 100;
    limit.passTo((request, response) => void (request.url === '/answered' && response.end()));
    const idle = await openSocket(url, requestText('GET /answered'));
    await new Promise((resolve) => idle.once('close', resolve).resume());
    expect(closed).toEqual([]);
    const waiting = await openSocket(url, requestText('GET /unanswered'));
    await new Promise((resolve) => waiting.once('close', resolve).resume());
    expect(closed).toEqual(['inactive']);
  });
});
