import type { GraphQLRequestContextWillSendResponse } from '@apollo/server';
import type { RequestContext } from '../request-context.ts';
import { MAX_RESPONSE_BYTES } from './demand-control/limits.ts';
import { onePerIteration } from './event-loop.ts';

type Request = GraphQLRequestContextWillSendResponse<RequestContext>;

/** Responses up to this size take at most a few milliseconds to serialize. */
const SMALL_RESPONSE_BYTES = 1_000_000;
/** Maximum bytes of a UTF-16 code unit in JSON. Texts have no control characters but tabs and line feeds. */
const BYTES_PER_CODE_UNIT = 3;
/** Maximum bytes of a value that is no text, and of its punctuation. */
const OTHER_BYTES = 40;
/** Quotes, colon and comma of a property. */
const PROPERTY_BYTES = 4;

/**
 * Returns a function that queues the serialization of large responses, and replaces those of more than 20 MB by an error.
 * It measures only responses that can be that large.
 */
export function responseLimit(): (request: Request) => Promise<void> {
  const nextIteration = onePerIteration();
  return async ({ response: { body }, contextValue }) => {
    const bytes = maxBytes(contextValue);
    if (body.kind !== 'single' || bytes <= SMALL_RESPONSE_BYTES) return;
    await nextIteration();
    if (bytes <= MAX_RESPONSE_BYTES) return;
    if (jsonBytes(body.singleResult.data, MAX_RESPONSE_BYTES) <= MAX_RESPONSE_BYTES) return;
    const message = `The response has more than ${MAX_RESPONSE_BYTES / 1_000_000} MB: ask for fewer fields or rows`;
    body.singleResult = { errors: [{ message, extensions: { code: 'BAD_USER_INPUT' } }], data: null };
  };
}

/** Returns an upper bound of the response's size: from the length of its texts, if they have been counted. */
function maxBytes({ demand, textLength }: RequestContext): number {
  if (demand === undefined) return 0;
  const { bytes, fields, nameBytes } = demand;
  if (textLength === undefined) return bytes;
  return Math.min(bytes, textLength * BYTES_PER_CODE_UNIT + nameBytes + fields * OTHER_BYTES);
}

/** Returns the JSON's size; a number above `limit` once the size exceeds it. */
function jsonBytes(value: unknown, limit: number): number {
  if (typeof value === 'string') return Buffer.byteLength(JSON.stringify(value));
  if (typeof value !== 'object' || value === null) return String(value).length;
  let bytes = 2;
  for (const [key, item] of Object.entries(value)) {
    bytes += (Array.isArray(value) ? 1 : key.length + PROPERTY_BYTES) + jsonBytes(item, limit - bytes);
    if (bytes > limit) break;
  }
  return bytes;
}
