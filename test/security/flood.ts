import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import type { HttpClient } from '../support/http-client.ts';
import { openSocket, openSockets, requestText } from '../support/raw-sockets.ts';
import { type Answer, type RequestOptions, send } from './send.ts';
import type { Target } from './target.ts';

/** Bytes on many connections at the same time. Requests of `send` are those of another client meanwhile. */
export interface Flood {
  connections: number;
  /** The method and path of a request; `{n}` is replaced by the number of its connection. */
  line?: string;
  version?: '1.0';
  /** Lines that end with CRLF; `{token}` is replaced by a forged token with a key id of its own. */
  headers?: string;
  body?: string;
  /** Replaces `...` in the body, or in `raw`, by repetitions of a text. */
  fill?: { text: string; times: number };
  /** A longer length than that of the body makes it incomplete. */
  contentLength?: number;
  /** Bytes instead of a request. */
  raw?: string;
  /** Sends the bytes repeatedly on each connection. */
  times?: number;
  /** The statuses of all responses. Without it, the client reads nothing. */
  statuses?: number[];
  /** A user with so many badges of the longest texts, `hoarder`. */
  badges?: number;
}

/** For the service to receive the bytes. */
const SETTLE_MS = 300;
const TIMEOUT_MS = 10_000;
const ATTEMPTS = 3;

/** Sends a request, and repeats it as long as it gets 503, as `Retry-After` asks for. */
export async function sendWithRetries(service: HttpClient, options: RequestOptions): Promise<Answer[]> {
  for (let attempt = 1; ; attempt++) {
    const answers = await send(service, options);
    if (attempt === ATTEMPTS || answers.every(({ status }) => status !== 503)) return answers;
    await delay(Math.max(...answers.map(retryAfterMs)));
  }
}

const retryAfterMs = ({ headers }: Answer) => 1000 * Number(headers['retry-after'] ?? 1);

/** Sends the flood, runs `meanwhile`, and closes the connections. */
export async function withFlood<Result>(
  target: Target,
  flood: Flood,
  meanwhile: () => Promise<Result>,
): Promise<Result> {
  const { connections, times = 1, statuses, badges = 0 } = flood;
  if (badges > 0) await insertBadges(target, badges);
  const received: number[] = [];
  const sockets = await openSockets(connections, async (n) => {
    const socket = await openSocket(target.service.url, bytesOf(flood, n));
    return statuses === undefined ? socket : readStatuses(socket, received);
  });
  try {
    await delay(SETTLE_MS);
    const result = await meanwhile();
    if (statuses !== undefined) await expectStatuses(received, { statuses, count: connections * times });
    return result;
  } finally {
    for (const socket of sockets) socket.destroy();
    await expect.poll(() => openConnections(target), { timeout: TIMEOUT_MS }).toBeLessThan(connections);
    if (badges > 0) await deleteBadges(target);
  }
}

/** Inserts the badges of the user `hoarder`, whose texts have 1,100 characters of three bytes. */
async function insertBadges({ db }: Target, count: number): Promise<void> {
  await db.sql`insert into auth_users (id) values ('hoarder')`;
  await db.sql`
    insert into badges (auth_user_id, name, description, icon_url, date_achieved)
    select 'hoarder', repeat('€', 100), repeat('€', 500), '/' || repeat('€', 499), now() - n * interval '1 minute'
    from generate_series(1, ${count}::int) n`;
}

async function deleteBadges({ db }: Target): Promise<void> {
  await db.sql`delete from badges where auth_user_id = 'hoarder'`;
  await db.sql`delete from auth_users where id = 'hoarder'`;
}

function bytesOf({ line = '', version, headers = '', times = 1, ...flood }: Flood, n: number): string {
  const filled = (text: string) => text.replace('...', flood.fill?.text.repeat(flood.fill.times) ?? '...');
  if (flood.raw !== undefined) return filled(flood.raw).repeat(times);
  const { contentLength, body = '' } = flood;
  const options = {
    headers: headers.replace('{token}', forgedToken(n)),
    body: filled(body),
    ...(contentLength !== undefined && { contentLength }),
  };
  const text = requestText(line.replace('{n}', String(n)), options);
  return (version === undefined ? text : text.replace('HTTP/1.1', `HTTP/${version}`)).repeat(times);
}

function forgedToken(n: number): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'RS256', kid: `unknown-${n}` })}.${part({ sub: 'ada' })}.${'x'.repeat(342)}`;
}

/** Adds the statuses of the socket's responses to a list, and keeps nothing else of them. */
function readStatuses(socket: Socket, statuses: number[]): Socket {
  let unread = '';
  socket.on('data', (bytes: Buffer) => {
    unread += bytes.toString('latin1');
    let end = 0;
    for (const { 0: line, 1: status, index } of unread.matchAll(/HTTP\/1\.1 (\d{3}) /g)) {
      statuses.push(Number(status));
      end = index + line.length;
    }
    unread = unread.slice(Math.max(end, unread.length - 'HTTP/1.1 200'.length));
  });
  return socket.resume();
}

async function expectStatuses(
  received: readonly number[],
  { statuses, count }: { statuses: readonly number[]; count: number },
): Promise<void> {
  await expect.poll(() => received.length, { timeout: TIMEOUT_MS }).toBe(count);
  expect(received.filter((status) => !statuses.includes(status))).toEqual([]);
}

function openConnections({ service }: Target): Promise<number> {
  return new Promise((resolve, reject) => {
    service.app.http.server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
  });
}
