import type { FormattedExecutionResult } from 'graphql';
import { graphqlErrorBody, overloadedError } from '../errors.ts';
import { onePerIteration } from '../lib/event-loop.ts';
import { LARGE_BYTES, releaseWhenWritten } from '../lib/large-response.ts';
import type { RequestContext } from '../request-context.ts';
import { MAX_RESPONSE_BYTES } from './demand-control/limits.ts';
import { responseBytes } from './demand-control/operation-demand.ts';
import type { AnsweredRequest } from './observe-operations.ts';

type GraphqlResponse = AnsweredRequest['response'];

/** Maximum bytes of a UTF-16 code unit in JSON: those of an escaped control character. */
const BYTES_PER_CODE_UNIT = 6;

/** Bytes of an error with its longest message, a path of long aliases and the longest request id. */
const MAX_ERROR_BYTES = 1000;
/** Characters of a text that is concatenated before it becomes a chunk. */
const CHUNK_LENGTH = 64 * 1024;

const RESPONSE_TOO_LARGE = {
  message: `The response has more than ${MAX_RESPONSE_BYTES / 1_000_000} MB: ask for fewer fields or rows`,
  code: 'BAD_USER_INPUT',
};

/** The JSON of responses that were measured, by their data. */
const measured = new WeakMap<object, string>();

/**
 * Returns a function that queues the serialization of large responses until there is buffer space for them. It replaces
 * those of more than 20 MB by an error. It measures only responses that can be that large, while it serializes them
 * piece by piece, so that serialization ends at the limit.
 */
export function responseLimit(): (request: AnsweredRequest) => Promise<void> {
  const nextIteration = onePerIteration();
  return async ({ response, operation, contextValue }) => {
    const bytes = maxResponseBytes(contextValue) + errorBytes(response);
    if (bytes <= LARGE_BYTES || dataOf(response) === undefined) return;
    const release = await contextValue.reserveBuffer(Math.min(bytes, MAX_RESPONSE_BYTES));
    // The response of a mutation is sent in any case, since its changes are made.
    if (release === undefined && operation?.operation === 'query') return reject(response, contextValue);
    await nextIteration();
    releaseWhenWritten(release);
    if (bytes > MAX_RESPONSE_BYTES) measure(response, contextValue);
  };
}

function dataOf({ body }: GraphqlResponse): object | undefined {
  return body.kind === 'single' ? (body.singleResult.data ?? undefined) : undefined;
}

function measure(response: GraphqlResponse, context: RequestContext): void {
  const data = dataOf(response);
  if (data === undefined) return;
  const json = new BoundedJson(MAX_RESPONSE_BYTES).stringify(data);
  if (json === undefined) {
    const singleResult = { ...graphqlErrorBody(RESPONSE_TOO_LARGE, context.requestId), data: null };
    response.body = { kind: 'single', singleResult };
  } else measured.set(data, json);
}

function reject(response: GraphqlResponse, { requestId }: RequestContext): void {
  const error = overloadedError();
  response.http.status = error.status;
  response.http.headers.set('retry-after', String(error.retryAfterSeconds));
  response.body = { kind: 'single', singleResult: graphqlErrorBody(error, requestId) };
}

/** Serializes a result, for Apollo Server's `stringifyResult`. */
export function stringifyResult(result: FormattedExecutionResult): string {
  const data = result.data && measured.get(result.data);
  if (typeof data !== 'string') return JSON.stringify(result);
  const rest = JSON.stringify({ ...result, data: undefined }).slice(1);
  return `{"data":${data}${rest === '}' ? '' : ','}${rest}`;
}

/** Returns an upper bound of the response's size: from the length of its texts, if they have been counted. */
function maxResponseBytes({ demand, textLength }: RequestContext): number {
  if (demand === undefined) return 0;
  const bound = responseBytes(demand);
  return textLength === undefined ? bound : Math.min(bound, demand.bytes + textLength * BYTES_PER_CODE_UNIT);
}

function errorBytes({ body }: GraphqlResponse): number {
  return body.kind === 'single' ? (body.singleResult.errors?.length ?? 0) * MAX_ERROR_BYTES : 0;
}

/**
 * Serializes a value into chunks of bytes. A text that is concatenated from the pieces of a large response would keep
 * each of them until it is used. They take many times its bytes.
 */
class BoundedJson {
  readonly #maxBytes: number;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;
  #text = '';

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Returns the JSON; undefined when it has more bytes than the maximum. */
  stringify(value: object): string | undefined {
    this.#add(value);
    this.#endChunk();
    return this.#isTooLarge ? undefined : Buffer.concat(this.#chunks).toString();
  }

  get #isTooLarge(): boolean {
    return this.#bytes + this.#text.length > this.#maxBytes;
  }

  #write(text: string): void {
    this.#text += text;
    if (this.#text.length >= CHUNK_LENGTH) this.#endChunk();
  }

  #endChunk(): void {
    const chunk = Buffer.from(this.#text);
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    this.#text = '';
  }

  #add(value: unknown): void {
    if (Array.isArray(value)) this.#addItems(value);
    else if (typeof value === 'object' && value !== null && hasObjects(value)) this.#addProperties(value);
    else this.#write(JSON.stringify(value));
  }

  #addItems(items: readonly unknown[]): void {
    let separator = '[';
    for (const item of items) {
      if (this.#isTooLarge) return;
      this.#write(separator);
      this.#add(item);
      separator = ',';
    }
    this.#write(separator === '[' ? '[]' : ']');
  }

  #addProperties(object: object): void {
    let separator = '{';
    for (const [name, value] of Object.entries(object)) {
      if (this.#isTooLarge) return;
      if (value === undefined) continue;
      this.#write(`${separator}${JSON.stringify(name)}:`);
      this.#add(value);
      separator = ',';
    }
    this.#write(separator === '{' ? '{}' : '}');
  }
}

/** Returns whether a property is an object. An object without objects, such as a row, is serialized as a whole. */
function hasObjects(object: object): boolean {
  for (const name in object) if (typeof (object as Record<string, unknown>)[name] === 'object') return true;
  return false;
}
