import type { ApolloServerPlugin } from '@apollo/server';
import type { RequestContext } from '../request-context.ts';
import { MAX_RESPONSE_BYTES } from './demand-control/limits.ts';

/** Quotes, colon and comma of a property. */
const PROPERTY_BYTES = 4;

/** Replaces a response of more than 20 MB by an error. It measures only responses that can be that large. */
export function responseLimit(): ApolloServerPlugin<RequestContext> {
  return {
    requestDidStart: async () => ({
      willSendResponse: async ({ response, contextValue }) => {
        const { body } = response;
        if (body.kind !== 'single' || (contextValue.demand?.bytes ?? 0) <= MAX_RESPONSE_BYTES) return;
        if (jsonBytes(body.singleResult.data, MAX_RESPONSE_BYTES) <= MAX_RESPONSE_BYTES) return;
        const message = `The response has more than ${MAX_RESPONSE_BYTES / 1_000_000} MB: ask for fewer fields or rows`;
        body.singleResult = { errors: [{ message, extensions: { code: 'BAD_USER_INPUT' } }], data: null };
      },
    }),
  };
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
