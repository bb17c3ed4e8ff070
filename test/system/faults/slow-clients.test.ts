import { setTimeout as delay } from 'node:timers/promises';
import { it as base, describe, expect } from '../../support/fixtures.ts';
import { CONTAINER_MB, NODE_OPTIONS } from '../../support/image.ts';
import type { ServiceProcess } from '../../support/process.ts';
import { peakMemory, showsUsage } from '../../support/process-usage.ts';
import { countClosed, openSocket, openSockets, requestText } from '../../support/raw-sockets.ts';

/** Other requests may take twice as long as without the attack, and a margin for the load of the test machine. */
const SLOWER = 2;
const LATENCY_MARGIN_MS = 200;

/** Badges of a user: with 8 MB, more than the buffers of a connection hold. */
const BADGES = 2500;
const PAGE = 'badges(first: 500) { id name description iconUrl dateAchieved }';

const it = base
  /** Users with badges of the longest texts in a script of three bytes for each character. */
  .extend('owners', { scope: 'file' }, async ({ db }) => {
    db.hasSharedRows = true;
    const ids = Array.from({ length: 10 }, (_, i) => `owner-${i}`);
    await db.sql`insert into auth_users (id) select unnest(${ids}::text[]) on conflict do nothing`;
    await db.sql`
      insert into badges (auth_user_id, name, description, icon_url, date_achieved)
      select id, repeat('€', 100), repeat('€', 500), '/' || repeat('€', 499), now() - n * interval '1 minute'
      from unnest(${ids}::text[]) id, generate_series(1, ${BADGES}::int) n`;
    return ids;
  })
  /** A process with the heap of the image. */
  .extend('replica', ({ serveProcess }) => serveProcess({ NODE_OPTIONS, NODE_ENV: 'production', DRAIN_SECONDS: '0' }));

/** Sends requests of another client, one after another, and returns the median duration in ms. */
async function measureOthers(service: ServiceProcess, count = 40): Promise<number> {
  const durations: number[] = [];
  for (let i = 0; i < count; i++) {
    const start = performance.now();
    const { status } = await service.rest('/users/ada/badges');
    expect(status).toBe(200);
    durations.push(performance.now() - start);
    await delay(10);
  }
  return durations.sort((a, b) => a - b)[count >> 1] ?? 0;
}

const closedBecause = async (service: ServiceProcess, reason: string) =>
  Number(
    new RegExp(`^http_server_connections_closed_total\\{reason="${reason}"\\} (\\d+)$`, 'm').exec(
      (await service.rest('/metrics')).text,
    )?.[1] ?? 0,
  );

/** Resolves when the service writes no more log lines: clients that read nothing then hold all that they can. */
async function untilQuiet({ stdout }: ServiceProcess): Promise<void> {
  for (let before = -1; before !== stdout.length; ) {
    before = stdout.length;
    await delay(3000);
  }
}

describe.runIf(showsUsage)('clients that read nothing', { timeout: 120_000 }, () => {
  const attacks: [string, number, (id: string) => string][] = [
    [
      '60 connections with large GraphQL responses',
      60,
      (id) => {
        const user = `{ __typename: "User", id: "${id}" }`;
        const query = `{ _entities(representations: [${user}]) { ... on User { a: ${PAGE} b: ${PAGE} } } }`;
        return requestText('POST /graphql', { body: JSON.stringify({ query }) }).repeat(5);
      },
    ],
    ['40 connections with ten lists each', 40, (id) => requestText(`GET /users/${id}/badges`).repeat(10)],
    ['100 connections with three lists each', 100, (id) => requestText(`GET /users/${id}/badges`).repeat(3)],
    [
      '100 connections of HTTP/1.0',
      100,
      (id) => `GET /users/${id}/badges HTTP/1.0\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n`.repeat(10),
    ],
  ];
  for (const [name, connections, request] of attacks) {
    it(`do not end the process or slow down others: ${name}`, async ({ replica: service, owners }) => {
      const usual = await measureOthers(service);
      const open = (i: number) => openSocket(service.url, request(owners[i % owners.length] as string));
      const sockets = await openSockets(connections, open);
      await untilQuiet(service);
      expect(await measureOthers(service)).toBeLessThan(usual * SLOWER + LATENCY_MARGIN_MS);
      const readLargeList = async () => (await service.rest(`/users/${owners[0]}/badges`)).body?.length;
      await expect.poll(readLargeList, { timeout: 60_000, interval: 500 }).toBe(BADGES);
      expect(peakMemory(service.pid)).toBeLessThan(CONTAINER_MB);
      for (const socket of sockets) socket.destroy();
    });
  }
});

describe.runIf(showsUsage)('clients that send slowly', { timeout: 120_000 }, () => {
  const head = requestText('POST /graphql', { contentLength: 1000 });
  const incomplete = { contentLength: 1_000_000, body: `{${' '.repeat(999_000)}` };
  const megabyte = requestText('POST /graphql', incomplete);
  const unauthorized = requestText('POST /users/ada/badges', incomplete);
  const chunked =
    'POST /graphql HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Type: application/json\r\n\r\n';
  const attacks: [string, number, string][] = [
    ['1,000 heads without their body', 1000, head],
    ['2,500 bodies without their last bytes', 2500, `${head}{`],
    ['300 bodies of 1 MB without their last bytes', 300, megabyte],
    ['900 bodies of 1 MB without their last bytes, of requests that have a 401', 900, unauthorized],
    ['300 chunked bodies of 1 MB without their last bytes', 300, `${chunked}f4240\r\n{${' '.repeat(999_000)}`],
    [
      'three chunked bodies of 1 MB, one byte in each chunk',
      3,
      `${chunked}1\r\n{\r\n${'1\r\n \r\n'.repeat(1_000_000)}`,
    ],
    ['50 chunked bodies, one byte in each chunk', 50, `${chunked}${'1\r\n \r\n'.repeat(50_000)}`],
    [
      '50 chunked bodies behind another request, one byte in each chunk',
      50,
      `GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n${chunked}${'1\r\n \r\n'.repeat(50_000)}`,
    ],
    [
      '25 GETs with a chunked body, one byte in each chunk',
      25,
      `GET /users/owner-0/badges HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${'1\r\n \r\n'.repeat(50_000)}`,
    ],
    [
      '2,000 requests with 1,000 lines of headers and an incomplete body',
      2000,
      `POST /graphql HTTP/1.1\r\nHost: x\r\n${'a:b\r\n'.repeat(998)}Content-Length: 1000\r\n\r\n{`,
    ],
    ['6,000 incomplete heads of 15 KB', 6000, `GET / HTTP/1.1\r\nX: ${'x'.repeat(15_000)}`],
    // With 1,000 lines, node:http rejects the request.
    ['6,000 incomplete heads of 985 lines', 6000, `GET / HTTP/1.1\r\n${'a:b\r\n'.repeat(985)}`],
    ['6,000 silent connections', 6000, ''],
  ];
  for (const [name, connections, bytes] of attacks) {
    it(`do not end the process or slow down others: ${name}`, async ({ replica: service }) => {
      const usual = await measureOthers(service);
      const opening = openSockets(connections, () => openSocket(service.url, bytes));
      while ((await Promise.race([opening, delay(100)])) === undefined) await measureOthers(service, 1);
      const sockets = await opening;
      await delay(1000);
      expect(await measureOthers(service)).toBeLessThan(usual * SLOWER + LATENCY_MARGIN_MS);
      const { body } = await service.graphql('{ __typename }');
      expect(body).toEqual({ data: { __typename: 'Query' } });
      expect(peakMemory(service.pid)).toBeLessThan(CONTAINER_MB);
      for (const socket of sockets) socket.destroy();
    });
  }

  it('lose the oldest of their connections first', async ({ replica: service }) => {
    // Few, so that all of it takes less than the time limit of a request, 10 s.
    const oldest = await openSockets(100, () => openSocket(service.url, head));
    const younger = await openSockets(1000, () => openSocket(service.url, head));
    await expect.poll(() => closedBecause(service, 'half_sent'), { timeout: 20_000 }).toBe(100);
    expect(await Promise.all([countClosed(oldest), countClosed(younger.slice(-900))])).toEqual([100, 0]);
    for (const socket of younger) socket.destroy();
  });
});
