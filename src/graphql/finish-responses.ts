import type { ApolloServerPlugin } from '@apollo/server';
import type { RequestContext } from '../request-context.ts';
import { type AnsweredRequest, endOperation, type ObserveOperation } from './observe-operations.ts';
import { responseLimit } from './response-limit.ts';

interface FinishOptions {
  /** Called with each operation at its end. */
  observe: ObserveOperation;
  /** Decides whether caches may store the response. */
  cache?: ((request: AnsweredRequest) => void) | undefined;
}

/** Makes the last changes to each response: first its size, then its headers for caches. Then it ends the operation. */
export function finishResponses({ observe, cache }: FinishOptions): ApolloServerPlugin<RequestContext> {
  const limit = responseLimit();
  const listener = {
    willSendResponse: async (request: AnsweredRequest) => {
      request.contextValue.isAnswered = true;
      await limit(request);
      cache?.(request);
      endOperation(request, observe);
    },
  };
  return { requestDidStart: async () => listener };
}
