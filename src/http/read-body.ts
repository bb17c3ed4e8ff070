import type { IncomingMessage } from 'node:http';
import { errorCodes } from 'fastify';

type Done = (error: Error | null, body: Buffer) => void;

/** Maximum bytes of a body. */
export const MAX_BODY_BYTES = 1024 * 1024;
const EMPTY = Buffer.alloc(0);
/** The property of a request that is its body. */
const BODY = Symbol('body');

type WithBody = IncomingMessage & { [BODY]?: Body };

/** Returns whether a body follows the head of a request. */
export function hasBody({ headers }: IncomingMessage): boolean {
  const { 'content-length': length, 'transfer-encoding': encoding } = headers;
  return encoding !== undefined || (length !== undefined && length !== '0');
}

/**
 * Starts to read the body of a request into one buffer. No chunk is kept, neither by the stream nor, as with the
 * `parseAs` of Fastify's parsers, until the end. Each takes hundreds of bytes of memory, and a client can send one for
 * each byte.
 */
export function startBody(request: IncomingMessage): void {
  (request as WithBody)[BODY] = new Body(request);
}

/**
 * Calls `done` with the body that `startBody` reads, or with an error, once it is complete; at once if there is none.
 */
export function readBody(request: IncomingMessage, done: Done): void {
  const { [BODY]: body } = request as WithBody;
  if (body === undefined) done(null, EMPTY);
  else body.read(done);
}

/**
 * Discards the body, also the bytes that have not arrived: when it is parsed, or when the request is answered without
 * it. Its callback is not called any more.
 */
export function dropBody(request: IncomingMessage): void {
  (request as WithBody)[BODY]?.drop();
}

/** Returns the bytes of the body that have arrived; undefined before `startBody`. */
export function receivedBytes(request: IncomingMessage): number | undefined {
  return (request as WithBody)[BODY]?.length;
}

/** Returns `performance.now()` of the end of the body; undefined while it is incomplete, and if there is none. */
export function bodyEndedAt(request: IncomingMessage): number | undefined {
  return (request as WithBody)[BODY]?.endedAt;
}

class Body {
  /** The bytes that have arrived. */
  length = 0;
  endedAt: number | undefined;
  readonly #request: IncomingMessage;
  readonly #declared: number;
  #bytes = EMPTY;
  #error: Error | null | undefined;
  #done: Done | undefined;

  constructor(request: IncomingMessage) {
    this.#request = request;
    this.#declared = Number(request.headers['content-length']);
    request.on('data', this.#append).on('end', this.#end).on('error', this.#fail);
    if (this.#declared > MAX_BODY_BYTES) this.#finish(new errorCodes.FST_ERR_CTP_BODY_TOO_LARGE());
  }

  read(done: Done): void {
    if (this.#error === undefined) this.#done = done;
    else done(this.#error, this.#bytes);
  }

  drop(): void {
    if (this.#error === undefined) this.#discardRest();
    this.#bytes = EMPTY;
    this.#done = undefined;
  }

  readonly #append = (chunk: Buffer): void => {
    const end = this.length + chunk.length;
    if (end > MAX_BODY_BYTES) {
      this.#finish(new errorCodes.FST_ERR_CTP_BODY_TOO_LARGE());
      return;
    }
    if (end > this.#bytes.length) this.#grow(Math.max(end, Math.min(2 * this.#bytes.length, MAX_BODY_BYTES)));
    chunk.copy(this.#bytes, this.length);
    this.length = end;
  };

  readonly #end = (): void => {
    const isComplete = Number.isNaN(this.#declared) || this.#declared === this.length;
    this.#finish(isComplete ? null : new errorCodes.FST_ERR_CTP_INVALID_CONTENT_LENGTH());
  };

  readonly #fail = (error: Error): void => this.#finish(Object.assign(error, { statusCode: 400 }));

  #grow(bytes: number): void {
    const grown = Buffer.allocUnsafe(bytes);
    this.#bytes.copy(grown);
    this.#bytes = grown;
  }

  /** Ends the body. The rest of one with an error is discarded. */
  #finish(error: Error | null): void {
    this.#discardRest();
    this.endedAt = performance.now();
    this.#error = error;
    this.#bytes = error === null ? this.#bytes.subarray(0, this.length) : EMPTY;
    this.#done?.(error, this.#bytes);
  }

  /** Lets the stream flow on without a reader. */
  #discardRest(): void {
    this.#request.off('data', this.#append).off('end', this.#end).resume();
  }
}
