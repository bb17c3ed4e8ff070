import type { GraphQLRequestContextParsingDidStart } from '@apollo/server';
import { onePerIteration } from '../lib/event-loop.ts';
import type { RequestContext } from '../request-context.ts';

/** Documents up to this length, in UTF-16 code units, are parsed and validated at once. */
const SHORT_DOCUMENT = 500;

/**
 * Returns a function that queues the parsing and validation of long documents, which block the event loop. Cached
 * documents do not wait.
 */
export function parseQueue() {
  const nextIteration = onePerIteration();
  return async ({ source, contextValue }: GraphQLRequestContextParsingDidStart<RequestContext>): Promise<void> => {
    if (source.length <= SHORT_DOCUMENT) return;
    await nextIteration();
    // NOTE: Apollo Server logs an error of this hook as its own. A promise that nothing refers to is garbage.
    if (contextValue.isClosed()) await new Promise<never>(() => undefined);
  };
}
