import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HttpClient, RestOptions } from '../support/http-client.ts';
import { type Json, parseJson } from '../support/json.ts';

/** One request, as text that JSON can hold. */
export interface Shot {
  path?: string;
  method?: string;
  headers?: RestOptions['headers'];
  /** Sent as JSON. */
  body?: unknown;
  /** Sent as it is, under `application/json` unless a header says otherwise. */
  text?: string;
  /** The same for bytes. */
  base64?: string;
  /** A POST of this document to `/graphql`. */
  graphql?: string;
  variables?: Record<string, unknown>;
  /** What goes over a connection of its own; a list goes out piece by piece. */
  raw?: string | string[];
  everyMs?: number;
  token?: string;
}

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Json;
  text: string;
  /** How long it took. */
  ms: number;
}

const PATIENCE_MS = 15_000;

/** Every answer to the shot: one, or as many as come back on a connection of its own. */
export async function send(service: HttpClient, shot: Shot): Promise<Answer[]> {
  const started = performance.now();
  const answers = shot.raw === undefined ? [await request(service, shot)] : await sendRaw(service.url, shot);
  const ms = performance.now() - started;
  return answers.map((answer) => ({ ...answer, ms }));
}

async function request(service: HttpClient, { path = '/graphql', graphql, variables, ...shot }: Shot) {
  const { method, headers, token } = shot;
  const bytes = shot.base64 === undefined ? undefined : Buffer.from(shot.base64, 'base64');
  const body = graphql === undefined ? (shot.text ?? bytes ?? shot.body) : { query: graphql, variables };
  return service.rest(path, {
    ...(method !== undefined && { method }),
    ...(token !== undefined && { token }),
    ...(headers !== undefined && { headers }),
    ...(body !== undefined && { body }),
  });
}

/** Reads until the connection ends, however it ends: who is refused may find it reset while still writing. */
async function sendRaw(url: string, { raw = [], everyMs = 0 }: Shot): Promise<Omit<Answer, 'ms'>[]> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), timeout: PATIENCE_MS });
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
