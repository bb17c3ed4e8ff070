import { ApolloServer } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import type { GraphQLError, GraphQLSchema } from 'graphql';
import type { ToAppError } from '../errors.ts';
import type { RequestContext } from '../request-context.ts';
import { compiledQueries } from './compiled/compiled-queries.ts';
import { createDocumentCache } from './compiled/document-cache.ts';
import { demandControl } from './demand-control/demand-control.ts';
import { expansionRule } from './demand-control/expansion-rule.ts';
import { finishResponses } from './finish-responses.ts';
import { formatError } from './format-error.ts';
import { logErrors, logOperationErrors } from './log-errors.ts';
import { identifyOperations, type ObserveOperation } from './observe-operations.ts';
import { operationConcurrency } from './operation-concurrency.ts';
import { parseQueue } from './parse-queue.ts';
import { responseCaching } from './response-caching.ts';
import { stringifyResult } from './response-limit.ts';

interface GraphqlOptions {
  schema: GraphQLSchema;
  introspection: boolean;
  toAppError: ToAppError;
  /** Seconds for which caches may store a response that does not depend on the viewer; 0 for no such response. */
  cacheMaxAgeSeconds?: number;
  observeOperation: ObserveOperation;
  /** Called with the reason for each rejected operation, for metrics. */
  onRejected: (reason: string) => void;
}

/** Three times the size of the longest operation that real gateways send. */
const PARSE_LIMITS = { maxLexicalTokens: 3000, maxComments: 100, maxSourceLength: 100_000 };

/** Starts the GraphQL engine, which knows no HTTP server. */
export async function startGraphql(options: GraphqlOptions): Promise<ApolloServer<RequestContext>> {
  const format = formatError(options.toAppError, { suggestions: options.introspection });
  const formatErrors = (errors: readonly GraphQLError[], context: RequestContext) => {
    logOperationErrors(errors, context, options.toAppError);
    return errors.map((error) => format(error.toJSON(), error));
  };
  const caching = options.cacheMaxAgeSeconds ? responseCaching(options.cacheMaxAgeSeconds) : undefined;
  const server = new ApolloServer<RequestContext>({
    schema: options.schema,
    introspection: options.introspection,
    formatError: format,
    plugins: [
      // NOTE: enabled by default; it wraps the resolver of every field
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      identifyOperations(),
      parseQueue(),
      demandControl(),
      // NOTE: behind demandControl, whose result it reads
      operationConcurrency(options.onRejected),
      finishResponses({ observe: options.observeOperation, cache: caching?.finish }),
      compiledQueries(formatErrors),
      logErrors(options.toAppError),
      ...(caching === undefined ? [] : [caching.plugin]),
    ],
    // NOTE: the default appends a newline, which copies the whole text
    stringifyResult,
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    persistedQueries: false,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    documentStore: createDocumentCache(),
    parseOptions: PARSE_LIMITS,
    // NOTE: with Apollo Server's `maxRecursiveSelections`, these rules would run after all others
    validationRules: [expansionRule],
    validationOptions: { maxErrors: 5, hideSuggestions: !options.introspection },
    executionOptions: { maxCoercionErrors: 5 },
  });
  await server.start();
  return server;
}
