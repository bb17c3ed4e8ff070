import type { IncomingMessage } from 'node:http';
import https from 'node:https';
import { nodeHttp } from './node-http.ts';

/** Why an answer over HTTP could not be had or must not be believed. Never holds anything of its body. */
export class FetchFailure extends Error {
  /** Whether the same call may go better a moment later. */
  readonly retryable: boolean;
  /** The status of the answer, where that is what is wrong with it. */
  readonly status: number | undefined;
  /** How long the other side asked to be left alone. */
  readonly retryAfterSeconds: number | undefined;

  constructor(message: string, options: FetchFailureOptions) {
    super(message, { cause: options.cause });
    this.name = 'FetchFailure';
    this.retryable = options.retryable;
    this.status = options.status;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

interface FetchFailureOptions {
  retryable: boolean;
  status?: number;
  retryAfterSeconds?: number | undefined;
  cause?: unknown;
}

interface JsonRequest {
  signal: AbortSignal;
  headers?: Record<string, string>;
  /** Sent as JSON by POST; without it the call is a GET. */
  body?: unknown;
}

const MAX_BYTES = 256 * 1024;
const RETRYABLE_STATUS = new Set([429, 502, 503, 504]);
const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json(?:\s*;|$)/i;

/**
 * One HTTP call that answers with JSON, on node:http because the global `fetch` costs several times as much. Redirects,
 * other content types and bodies over 256 kB are failures; 404 is an answer and gives undefined.
 * @throws {FetchFailure}
 */
export async function fetchJson(url: string, request: JsonRequest): Promise<unknown> {
  const response = await send(url, request);
  const { statusCode: status, headers } = response;
  if (status !== 200 || !JSON_TYPE.test(headers['content-type'] ?? '')) {
    if (status === 404) {
      response.resume();
      return undefined;
    }
    response.destroy();
    throw unusable(response);
  }
  return parse(await readBounded(response));
}

const KEPT = { keepAlive: true, scheduling: 'lifo' } as const;
const plain = { request: nodeHttp.request, agent: new nodeHttp.Agent(KEPT) };
const secure = { request: https.request, agent: new https.Agent(KEPT) };

function send(url: string, { signal, headers, body }: JsonRequest): Promise<IncomingMessage> {
  const target = new URL(url);
  const { request, agent } = target.protocol === 'https:' ? secure : plain;
  const text = body === undefined ? undefined : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown) => reject(new FetchFailure('no answer', { retryable: true, cause }));
    const outgoing = request(target, {
      method: text === undefined ? 'GET' : 'POST',
      agent,
      signal,
      headers: {
        accept: 'application/json',
        ...(text !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
        ...headers,
      },
    });
    outgoing.on('response', resolve).on('error', fail).end(text);
  });
}

function unusable({ statusCode: status = 0, headers }: IncomingMessage): FetchFailure {
  if (status === 200) return new FetchFailure('an answer that is not JSON', { retryable: false });
  const retryAfter = headers['retry-after'];
  return new FetchFailure(`status ${status}`, {
    retryable: RETRYABLE_STATUS.has(status),
    status,
    retryAfterSeconds: retryAfter === undefined ? undefined : secondsFromNow(retryAfter),
  });
}

async function readBounded(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response) {
      size += chunk.length;
      if (size > MAX_BYTES) break;
      chunks.push(chunk);
    }
  } catch (cause) {
    throw new FetchFailure('an answer that broke off', { retryable: true, cause });
  }
  if (size > MAX_BYTES) throw new FetchFailure(`an answer over ${MAX_BYTES} bytes`, { retryable: false });
  return Buffer.concat(chunks).toString();
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new FetchFailure('an answer that is not JSON', { retryable: false });
  }
}

/** `Retry-After` is a number of seconds or an HTTP date (RFC 9110, 10.2.3). */
function secondsFromNow(retryAfter: string): number | undefined {
  const seconds = /^\d+$/.test(retryAfter) ? Number(retryAfter) : (Date.parse(retryAfter) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, Math.ceil(seconds)) : undefined;
}
