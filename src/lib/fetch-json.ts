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
 * One HTTP call that answers with JSON. Redirects, other content types and bodies over 256 kB are failures; 404 is an
 * answer and gives undefined.
 * @throws {FetchFailure}
 */
export async function fetchJson(url: string, { signal, headers, body }: JsonRequest): Promise<unknown> {
  const response = await send(url, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      accept: 'application/json',
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    body: body === undefined ? null : JSON.stringify(body),
    redirect: 'manual',
    signal,
  });
  if (
    response.status === 404 ||
    response.status !== 200 ||
    !JSON_TYPE.test(response.headers.get('content-type') ?? '')
  ) {
    await response.body?.cancel();
    if (response.status === 404) return undefined;
    throw unusable(response);
  }
  return parse(await readBounded(response));
}

async function send(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (cause) {
    throw new FetchFailure('no answer', { retryable: true, cause });
  }
}

function unusable(response: Response): FetchFailure {
  if (response.status === 200) return new FetchFailure('an answer that is not JSON', { retryable: false });
  const retryAfter = response.headers.get('retry-after');
  return new FetchFailure(`status ${response.status}`, {
    retryable: RETRYABLE_STATUS.has(response.status),
    status: response.status,
    retryAfterSeconds: retryAfter === null ? undefined : secondsFromNow(retryAfter),
  });
}

async function readBounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of response.body ?? []) {
      size += chunk.byteLength;
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
