import type { ApolloServerPlugin } from '@apollo/server';
import { onePerIteration } from '../lib/event-loop.ts';
import type { RequestContext } from '../request-context.ts';

/** Documents up to this length, in UTF-16 code units, take less than a millisecond to parse and validate. */
const SHORT_DOCUMENT = 500;

/** Queues the parsing and validation of long documents, which take up to 80 ms. Cached documents do not wait. */
export function parseQueue(): ApolloServerPlugin<RequestContext> {
  const nextIteration = onePerIteration();
  const listener = {
    parsingDidStart: async ({ source }: { source: string }) => {
      if (source.length > SHORT_DOCUMENT) await nextIteration();
    },
  };
  return { requestDidStart: async () => listener };
}
