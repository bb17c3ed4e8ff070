import type { GraphQLRequestContextWillSendResponse } from '@apollo/server';
import type { FormattedExecutionResult } from 'graphql';
import { overloadedError } from '../errors.ts';
import { onePerIteration } from '../lib/event-loop.ts';
import { LARGE_BYTES, releaseWhenWritten } from '../lib/large-response.ts';
import type { RequestContext } from '../request-context.ts';
import { MAX_RESPONSE_BYTES } from './demand-control/limits.ts';
import { responseBytes } from './demand-control/operation-demand.ts';

type Request = GraphQLRequestContextWillSendResponse<RequestContext>;
type Response = Request['response'];

/** Maximum bytes of a UTF-16 code unit in JSON: those of an escaped control character. */
const BYTES_PER_CODE_UNIT = 6;

/** Bytes of brackets or braces; of the quotes, colon and comma of a property. */
const BRACKETS = 2;
const PROPERTY_BYTES = 4;

/** The JSON of responses that were measured, by their data. */
const measured = new WeakMap<object, string>();

/**
 * Returns a function that queues the serialization of large responses until there is room for them, and replaces those of
 * more than 20 MB by an error. It measures only responses that can be that large, while it serializes them piece by
 * piece, so that serialization ends at the limit.
 */
export function responseLimit(): (request: Request) => Promise<void> {
  const nextIteration = onePerIteration();
  return async ({ response, operation, contextValue }) => {
    const bytes = maxBytes(contextValue);
    if (bytes <= LARGE_BYTES || dataOf(response) === undefined) return;
    const release = await contextValue.reserveRoom(Math.min(bytes, MAX_RESPONSE_BYTES));
    // The response of a mutation is sent in any case, since its changes are made.
    if (release === undefined && operation?.operation === 'query') return reject(response, contextValue);
    await nextIteration();
    releaseWhenWritten(release);
    if (bytes > MAX_RESPONSE_BYTES) measure(response, contextValue);
  };
}

function dataOf({ body }: Response): object | undefined {
  return body.kind === 'single' ? (body.singleResult.data ?? undefined) : undefined;
}

function measure(response: Response, context: RequestContext): void {
  const data = dataOf(response);
  if (data === undefined) return;
  const json = new BoundedJson(MAX_RESPONSE_BYTES).stringify(data);
  if (json === undefined) response.body = { kind: 'single', singleResult: { errors: [tooLarge(context)], data: null } };
  else measured.set(data, json);
}

function reject(response: Response, { requestId }: RequestContext): void {
  const error = overloadedError();
  response.http.status = error.status;
  response.http.headers.set('retry-after', String(error.retryAfterSeconds));
  response.body = {
    kind: 'single',
    singleResult: { errors: [{ message: error.message, extensions: { code: error.code, requestId } }] },
  };
}

/** Serializes a result, for Apollo Server's `stringifyResult`. */
export function stringifyResult(result: FormattedExecutionResult): string {
  const data = result.data && measured.get(result.data);
  if (typeof data !== 'string') return JSON.stringify(result);
  const rest = JSON.stringify({ ...result, data: undefined }).slice(1);
  return `{"data":${data}${rest === '}' ? '' : ','}${rest}`;
}

/** Returns an upper bound of the response's size: from the length of its texts, if they have been counted. */
function maxBytes({ demand, textLength }: RequestContext): number {
  if (demand === undefined) return 0;
  const bound = responseBytes(demand);
  return textLength === undefined ? bound : Math.min(bound, demand.bytes + textLength * BYTES_PER_CODE_UNIT);
}

function tooLarge({ requestId }: RequestContext) {
  const message = `The response has more than ${MAX_RESPONSE_BYTES / 1_000_000} MB: ask for fewer fields or rows`;
  return { message, extensions: { code: 'BAD_USER_INPUT', requestId } };
}

class BoundedJson {
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Returns the JSON; undefined when it has more bytes than the maximum. */
  stringify(value: object): string | undefined {
    const json = this.#value(value);
    return this.#bytes > this.#maxBytes ? undefined : json;
  }

  #value(value: unknown): string {
    if (Array.isArray(value)) return `[${this.#items(value)}]`;
    if (typeof value === 'object' && value !== null && hasObjects(value)) return `{${this.#properties(value)}}`;
    const json = JSON.stringify(value);
    this.#bytes += Buffer.byteLength(json);
    return json;
  }

  #items(items: readonly unknown[]): string {
    let json = '';
    this.#bytes += items.length + BRACKETS;
    for (const item of items) {
      if (this.#bytes > this.#maxBytes) return '';
      json += json === '' ? this.#value(item) : `,${this.#value(item)}`;
    }
    return json;
  }

  #properties(object: object): string {
    let json = '';
    this.#bytes += BRACKETS;
    for (const [name, value] of Object.entries(object)) {
      this.#bytes += name.length + PROPERTY_BYTES;
      if (this.#bytes > this.#maxBytes) return '';
      if (value === undefined) continue;
      json += `${json === '' ? '' : ','}${JSON.stringify(name)}:${this.#value(value)}`;
    }
    return json;
  }
}

/** An object without objects, such as a row, is serialized as a whole. */
function hasObjects(object: object): boolean {
  for (const name in object) if (typeof (object as Record<string, unknown>)[name] === 'object') return true;
  return false;
}
