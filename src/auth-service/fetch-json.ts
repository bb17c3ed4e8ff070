import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import https from 'node:https';
import { nodeHttp } from '../lib/node-http.ts';

/** An HTTP request that got no valid response. The message contains nothing of the response's body. */
export class FetchError extends Error {
  /** Whether the same request may succeed a moment later. */
  readonly retryable: boolean;
  /** The status of the response, if the status is the error. */
  readonly status: number | undefined;
  /** Whether the response is JSON. That of a proxy in front of the endpoint usually is not. */
  readonly isJson: boolean;
  /** The response's `Retry-After`. */
  readonly retryAfterSeconds: number | undefined;

  constructor(message: string, options: FetchErrorOptions) {
    super(message, { cause: options.cause });
    this.name = 'FetchError';
    this.retryable = options.retryable;
    this.status = options.status;
    this.isJson = options.isJson ?? false;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

interface FetchErrorOptions {
  retryable: boolean;
  status?: number;
  isJson?: boolean;
  retryAfterSeconds?: number | undefined;
  cause?: unknown;
}

interface JsonRequest {
  signal: AbortSignal;
  headers?: Record<string, string>;
  /** Sent as JSON by POST. Without a body the request is a GET. */
  body?: unknown;
  /** Maximum size of the response; 256 KiB by default. */
  maxBytes?: number;
  /** Whether to use a connection of earlier requests, which the server may just close; true by default. */
  keepAlive?: boolean;
}

interface JsonResponse {
  body: unknown;
  headers: IncomingHttpHeaders;
}

/** Sends one request; the signal ends it. */
export type Send<Result> = (signal: AbortSignal) => Promise<Result>;

/** Called when a request has ended; a successful one has no type of error. */
export type ObserveRequest = (seconds: number, errorType: string | undefined) => void;

/** Measures a request from when it is sent, its time limit included. */
export function observed<Result>(request: Send<Result>, observe: ObserveRequest | undefined): Send<Result> {
  if (observe === undefined) return request;
  return async (signal) => {
    const startedAt = performance.now();
    const end = (errorType?: string) => observe((performance.now() - startedAt) / 1000, errorType);
    try {
      const result = await request(signal);
      end();
      return result;
    } catch (error) {
      end(callErrorType(error, signal));
      throw error;
    }
  };
}

/**
 * Returns the kind of a failed request whose signal is aborted at its time limit, for metrics and traces: `timeout`, or
 * that of `fetchErrorType`.
 */
export function callErrorType(error: unknown, { aborted }: AbortSignal): string {
  return aborted ? 'timeout' : fetchErrorType(error);
}

/** Returns the kind of a failed request: one of a few words, or the status of the response. */
export function fetchErrorType(error: unknown): string {
  if (!(error instanceof FetchError)) return 'other';
  if (error.status !== undefined) return String(error.status);
  return error.retryable ? 'connection' : 'invalid_response';
}

/** Default maximum size of a response, so that a faulty endpoint cannot exhaust memory. */
const MAX_RESPONSE_BYTES = 256 * 1024;
const RETRYABLE_STATUS = new Set([429, 502, 503, 504]);
const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json(?:\s*;|$)/i;

/**
 * Sends one request and returns the JSON of its response.
 * @throws {FetchError}
 */
export async function fetchJson(url: string, request: JsonRequest): Promise<unknown> {
  return (await fetchJsonResponse(url, request)).body;
}

/**
 * Sends one request and returns its response. Uses node:http, which takes a fraction of the CPU time of the global
 * `fetch`. Statuses other than 200, other content types and bodies over the maximum size are errors.
 * @throws {FetchError}
 */
export async function fetchJsonResponse(url: string, request: JsonRequest): Promise<JsonResponse> {
  const response = await send(url, request);
  const { statusCode: status, headers } = response;
  const text = () => readBody(response, request.maxBytes ?? MAX_RESPONSE_BYTES);
  const isJson = JSON_TYPE.test(headers['content-type'] ?? '');
  if (status === 200 && isJson) return { body: parse(await text()), headers };
  // NOTE: an unread body closes its connection, and a 404 is a usual response
  if (status === 404 && isJson) await text().catch(() => undefined);
  else response.destroy();
  throw statusError(response, isJson);
}

const AGENT_OPTIONS = { keepAlive: true, scheduling: 'lifo' } as const;
const httpTransport = { request: nodeHttp.request, agent: new nodeHttp.Agent(AGENT_OPTIONS) };
const httpsTransport = { request: https.request, agent: new https.Agent(AGENT_OPTIONS) };

function send(url: string, { signal, headers, body, keepAlive = true }: JsonRequest): Promise<IncomingMessage> {
  const target = new URL(url);
  const { request, agent } = target.protocol === 'https:' ? httpsTransport : httpTransport;
  const text = body === undefined ? undefined : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown) => reject(new FetchError('no response', { retryable: true, cause }));
    const outgoing = request(target, {
      method: text === undefined ? 'GET' : 'POST',
      agent: keepAlive && agent,
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

function statusError({ statusCode: status = 0, headers }: IncomingMessage, isJson: boolean): FetchError {
  if (status === 200) return new FetchError('response is not JSON', { retryable: false });
  const retryAfter = headers['retry-after'];
  return new FetchError(`response with status ${status}`, {
    retryable: RETRYABLE_STATUS.has(status),
    status,
    isJson,
    retryAfterSeconds: retryAfter === undefined ? undefined : parseRetryAfter(retryAfter),
  });
}

async function readBody(response: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response) {
      size += chunk.length;
      if (size > maxBytes) break;
      chunks.push(chunk);
    }
  } catch (cause) {
    throw new FetchError('response was cut off', { retryable: true, cause });
  }
  if (size > maxBytes) throw new FetchError(`response over ${maxBytes} bytes`, { retryable: false });
  return Buffer.concat(chunks).toString();
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new FetchError('response is not JSON', { retryable: false });
  }
}

/** Returns the seconds of a `Retry-After` header, a number or an HTTP date (RFC 9110, section 10.2.3). */
function parseRetryAfter(value: string): number | undefined {
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, Math.ceil(seconds)) : undefined;
}
