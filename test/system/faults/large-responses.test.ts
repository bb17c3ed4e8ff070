import { request } from 'node:http';
import { it, type Replica } from '../../security/replica.ts';
import { describe, expect } from '../../support/fixtures.ts';
import { CONTAINER_MB } from '../../support/image.ts';
import { peakMemory, showsUsage } from '../../support/process-usage.ts';
import { openSocket, openSockets, requestText } from '../../support/raw-sockets.ts';

const READERS = 40;
/** Clients that read nothing. */
const HOSTILE = 40;

/** An operation for goals, whose descriptions have 8 KB, with aliases of the description. */
const goalsOf = (users: number, first: number, aliases: number) => {
  const representations = Array.from({ length: users }, (_, i) => `{ __typename: "User", id: "user-${i + 1}" }`);
  const fields = Array.from({ length: aliases }, (_, i) => `a${i}: description`).join(' ');
  return `{ _entities(representations: [${representations}]) { ... on User { goals(first: ${first}) { ${fields} } } } }`;
};
const OPERATIONS: { name: string; bytes: number; query: string }[] = [
  { name: '8 MB', bytes: 8_000_000, query: goalsOf(2, 500, 1) },
  { name: '18.7 MB', bytes: 18_700_000, query: goalsOf(5, 234, 2) },
  { name: '18.4 MB, from a hundred rows', bytes: 18_400_000, query: goalsOf(1, 100, 23) },
];

interface Received {
  /** 0 when the service has closed the connection before the response was complete. */
  status: number;
  bytes: number;
  /** The end of the response. */
  end: string;
}

/** Sends a request and reads its response, at most `bytesPerSecond`. */
function receive(
  { url }: Replica,
  path: string,
  options: { body?: string; bytesPerSecond?: number; onStart?: () => void },
): Promise<Received> {
  const { body, bytesPerSecond, onStart } = options;
  const { promise, resolve } = Promise.withResolvers<Received>();
  const headers = { 'content-type': 'application/json' };
  let [bytes, end] = [0, ''];
  const outgoing = request(`${url}${path}`, { method: body === undefined ? 'GET' : 'POST', headers, agent: false });
  outgoing.on('error', () => resolve({ status: 0, bytes, end }));
  outgoing.on('response', (response) => {
    response.on('error', () => undefined);
    response.on('close', () => resolve({ status: response.complete ? (response.statusCode ?? 0) : 0, bytes, end }));
    response.once('data', () => onStart?.());
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      end = chunk.toString().slice(-200);
      if (bytesPerSecond === undefined) return;
      response.pause();
      setTimeout(() => response.resume(), (chunk.length / bytesPerSecond) * 1000);
    });
  });
  outgoing.end(body);
  return promise;
}

const readAll = (replica: Replica, path: string, query?: string) =>
  Promise.all(
    Array.from({ length: READERS }, () =>
      receive(replica, path, query === undefined ? {} : { body: JSON.stringify({ query }) }),
    ),
  );

/**
 * Expects that each response has at least so many bytes or tells that the service is not available, and one is
 * complete.
 */
function expectHonest(replica: Replica, received: Received[], minBytes: number): void {
  const others = received.filter(({ status, bytes }) => status !== 200 || bytes < minBytes);
  expect(others.filter(({ status, end }) => status === 0 || !end.includes('SERVICE_UNAVAILABLE'))).toEqual([]);
  expect(others.length).toBeLessThan(READERS);
  expect(peakMemory(replica.pid)).toBeLessThan(CONTAINER_MB);
}

describe.runIf(showsUsage)('large responses', { timeout: 60_000 }, () => {
  it.for(OPERATIONS)(
    'of $name are complete, or are 503, for 40 clients that read',
    async ({ bytes, query }, { replica }) => {
      expectHonest(replica, await readAll(replica, '/graphql', query), bytes);
    },
  );

  it('of lists are complete, or are 503, for 40 clients that read', async ({ replica }) => {
    expectHonest(replica, await readAll(replica, '/users/user-1/goals'), 4_000_000);
  });

  it('are complete for a client that reads, also while others read nothing', async ({ replica }) => {
    const body = JSON.stringify({ query: goalsOf(2, 500, 1) });
    const receiveOne = async () => (await receive(replica, '/graphql', { body })).status;
    await expect.poll(receiveOne, { timeout: 10_000, interval: 500 }).toBe(200);
    const started = Promise.withResolvers<void>();
    const reader = receive(replica, '/graphql', { body, bytesPerSecond: 8_000_000, onStart: started.resolve });
    await started.promise;
    const sockets = await openSockets(HOSTILE, () =>
      openSocket(replica.url, requestText('POST /graphql', { body }).repeat(2)),
    );
    expect(await reader).toMatchObject({ status: 200 });
    await expect.poll(receiveOne, { timeout: 20_000, interval: 500 }).toBe(200);
    expect(peakMemory(replica.pid)).toBeLessThan(CONTAINER_MB);
    for (const socket of sockets) socket.destroy();
  });
});
