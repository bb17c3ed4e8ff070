import { ApolloServer } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import type { GraphQLSchema } from 'graphql';
import type { ToAppError } from '../errors.ts';
import type { RequestContext } from '../request-context.ts';
import { createDocumentCache } from './compiled/document-cache.ts';
import { countRejections } from './count-rejections.ts';
import { expansionRule } from './demand-control/expansion-rule.ts';
import { formatError } from './format-error.ts';
import { logOperationErrors } from './log-errors.ts';
import type { ObserveOperation } from './observe-operations.ts';
import { processOperations } from './process-operations.ts';
import { stringifyResult } from './response-limit.ts';

interface GraphqlOptions {
  schema: GraphQLSchema;
  introspection: boolean;
  toAppError: ToAppError;
  /** Seconds for which caches may store a response that does not depend on the viewer; 0 for no such response. */
  cacheMaxAgeSeconds?: number;
  observeOperation: ObserveOperation;
  /** Called with the reason for each rejection, for metrics. */
  onRejected: (reason: string) => void;
}

/** Three times the size of the longest operation that real gateways send. */
const PARSE_LIMITS = { maxLexicalTokens: 3000, maxComments: 100, maxSourceLength: 100_000 };

/** Starts the GraphQL engine, which knows no HTTP server. */
export async function startGraphql(options: GraphqlOptions): Promise<ApolloServer<RequestContext>> {
  const format = formatError(options.toAppError, { suggestions: options.introspection });
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
      processOperations({
        cacheMaxAgeSeconds: options.cacheMaxAgeSeconds ?? 0,
        reportErrors: (errors, context) => {
          logOperationErrors(errors, context, options.toAppError);
          countRejections(errors, options.onRejected);
        },
        formatErrors: (errors) => errors.map((error) => format(error.toJSON(), error)),
        observe: options.observeOperation,
        onRejected: options.onRejected,
      }),
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
