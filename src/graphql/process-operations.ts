import type {
  ApolloServerPlugin,
  GraphQLRequestContextDidEncounterErrors,
  GraphQLRequestContextDidResolveOperation,
} from '@apollo/server';
import type { GraphQLError, GraphQLFormattedError } from 'graphql';
import type { RequestContext } from '../request-context.ts';
import { compiledQueries } from './compiled/compiled-queries.ts';
import { demandControl } from './demand-control/demand-control.ts';
import {
  type AnsweredRequest,
  endOperation,
  identifyOperation,
  type ObserveOperation,
  startOperation,
} from './observe-operations.ts';
import { OperationConcurrency } from './operation-concurrency.ts';
import { parseQueue } from './parse-queue.ts';
import { responseCaching } from './response-caching.ts';
import { responseLimit } from './response-limit.ts';

interface ProcessOptions {
  /** Seconds for which caches may store a response that does not depend on the viewer; 0 for no such response. */
  cacheMaxAgeSeconds: number;
  /** Logs and counts the errors of an operation. */
  reportErrors: (errors: readonly GraphQLError[], context: RequestContext) => void;
  /** Returns what clients see of the errors. */
  formatErrors: (errors: readonly GraphQLError[]) => GraphQLFormattedError[];
  /** Called with each operation at its end. */
  observe: ObserveOperation;
  /** Called with the reason for each rejection, for metrics. */
  onRejected: (reason: 'operations') => void;
}

/**
 * Does what the service adds to Apollo Server's processing of an operation, step by step. It is one plugin, because
 * Apollo Server creates several promises for each hook of each plugin.
 */
export function processOperations(options: ProcessOptions): ApolloServerPlugin<RequestContext> {
  const { reportErrors, formatErrors, observe, onRejected } = options;
  const limitDemand = demandControl();
  const concurrency = new OperationConcurrency(() => onRejected('operations'));
  const limitResponse = responseLimit();
  const caching = options.cacheMaxAgeSeconds > 0 ? responseCaching(options.cacheMaxAgeSeconds) : undefined;

  const listener = {
    parsingDidStart: parseQueue(),
    didResolveOperation: async (request: GraphQLRequestContextDidResolveOperation<RequestContext>) => {
      identifyOperation(request);
      limitDemand(request);
      await concurrency.start(request.contextValue);
    },
    responseForOperation: compiledQueries((errors, context) => {
      reportErrors(errors, context);
      return formatErrors(errors);
    }),
    didEncounterErrors: async ({ errors, contextValue }: GraphQLRequestContextDidEncounterErrors<RequestContext>) =>
      reportErrors(errors, contextValue),
    willSendResponse: async (request: AnsweredRequest) => {
      const { contextValue } = request;
      contextValue.isAnswered = true;
      // A response that waits for buffer space does not keep other operations waiting.
      concurrency.end(contextValue);
      await limitResponse(request);
      caching?.finish(request);
      endOperation(request, observe);
    },
  };
  return {
    requestDidStart: async ({ contextValue }) => {
      startOperation(contextValue);
      caching?.watch(contextValue);
      return listener;
    },
  };
}
