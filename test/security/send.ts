import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HttpClient, RestOptions } from '../support/http-client.ts';
import { type Json, parseJson } from '../support/json.ts';

/** A request that can be written as JSON. */
export interface RequestOptions {
  path?: string;
  method?: string;
  headers?: RestOptions['headers'];
  /** Sent as JSON. */
  body?: unknown;
  /** Sent unchanged, as `application/json` unless a header sets the content type. */
  text?: string;
  /** Bytes, sent like `text`. */
  base64?: string;
  /** A document, sent by POST to `/graphql`. */
  graphql?: string;
  variables?: Record<string, unknown>;
  /** Bytes (as latin1) for a separate connection. A list is sent in pieces, `everyMs` apart. */
  raw?: string | string[];
  everyMs?: number;
  token?: string;
}

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Json;
  text: string;
  /** The duration of the request. */
  ms: number;
}

/** Idle timeout of raw connections. */
const TIMEOUT_MS = 15_000;

/** Sends the request and returns its responses: one, or for `raw` all of the connection. */
export async function send(service: HttpClient, options: RequestOptions): Promise<Answer[]> {
  const started = performance.now();
  const answers = options.raw === undefined ? [await request(service, options)] : await sendRaw(service.url, options);
  const ms = performance.now() - started;
  return answers.map((answer) => ({ ...answer, ms }));
}

async function request(service: HttpClient, { path = '/graphql', graphql, variables, ...options }: RequestOptions) {
  const { method, headers, token } = options;
  const bytes = options.base64 === undefined ? undefined : Buffer.from(options.base64, 'base64');
  const body = graphql === undefined ? (options.text ?? bytes ?? options.body) : { query: graphql, variables };
  return service.rest(path, {
    ...(method !== undefined && { method }),
    ...(token !== undefined && { token }),
    ...(headers !== undefined && { headers }),
    ...(body !== undefined && { body }),
  });
}

/** Reads until the connection is closed or reset: a rejected client may see a reset while it still writes. */
async function sendRaw(url: string, { raw = [], everyMs = 0 }: RequestOptions): Promise<Omit<Answer, 'ms'>[]> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), timeout: TIMEOUT_MS });
  const chunks: Buffer[] = [];
  const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.on('data', (chunk) => chunks.push(chunk)).on('error', () => undefined);
  socket.on('timeout', () => socket.destroy());
  for (const piece of [raw].flat()) {
    if (!socket.writable) break;
    socket.write(Buffer.from(piece, 'latin1'));
    await sleep(everyMs);
  }
  await ended;
  return answersIn(Buffer.concat(chunks).toString('latin1'));
}

function answersIn(stream: string): Omit<Answer, 'ms'>[] {
  const answers: Omit<Answer, 'ms'>[] = [];
  for (let rest = stream; rest.startsWith('HTTP/1.1 '); ) {
    const head = rest.slice(0, rest.indexOf('\r\n\r\n'));
    const headers = headersIn(head);
    const length = Number(headers['content-length'] ?? Infinity);
    const text = Buffer.from(rest.slice(head.length + 4).slice(0, length), 'latin1').toString();
    answers.push({ status: Number(head.slice(9, 12)), headers, text, body: parseJson(text) });
    rest = rest.slice(head.length + 4 + length);
  }
  return answers;
}

function headersIn(head: string): Record<string, string> {
  const lines = head.split('\r\n').slice(1);
  return Object.fromEntries(
    lines.map((line) => [line.replace(/:.*/, '').toLowerCase(), line.replace(/^[^:]*: ?/, '')]),
  );
}
