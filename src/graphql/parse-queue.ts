import { setImmediate } from 'node:timers/promises';
import type { ApolloServerPlugin } from '@apollo/server';
import type { RequestContext } from '../request-context.ts';

/** Documents up to this length, in UTF-16 code units, take less than a millisecond to parse and validate. */
const SHORT_DOCUMENT = 500;

/**
 * Parses and validates at most one long document in each iteration of the event loop. Each takes up to 80 ms, and other
 * requests are served between them. Cached documents do not wait.
 */
export function parseQueue(): ApolloServerPlugin<RequestContext> {
  let last: Promise<unknown> = Promise.resolve();
  const listener = {
    parsingDidStart: async ({ source }: { source: string }) => {
      if (source.length <= SHORT_DOCUMENT) return;
      last = last.then(() => setImmediate());
      await last;
    },
  };
  return { requestDidStart: async () => listener };
}
