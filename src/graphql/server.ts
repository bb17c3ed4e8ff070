import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
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
import { demandControl } from './demand-control.ts';
import { formatError, isClientError, originalError } from './format-error.ts';

export interface GraphqlOptions {
  schema: GraphQLSchema;
  introspection: boolean;
  toAppError: ToAppError;
  /** Called for each executed operation. */
  countOperation: (compiled: boolean) => void;
}

/** Three times the size of the longest operation that real gateways send. */
const PARSE_LIMITS = { maxLexicalTokens: 3000, maxComments: 100, maxSourceLength: 100_000 };

/** Starts the GraphQL engine, which knows no HTTP server. */
export async function startGraphql(options: GraphqlOptions): Promise<ApolloServer<RequestContext>> {
  const server = new ApolloServer<RequestContext>({
    schema: options.schema,
    introspection: options.introspection,
    formatError: formatError(options.toAppError, { suggestions: options.introspection }),
    plugins: [
      // NOTE: enabled by default; it wraps the resolver of every field
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      demandControl(),
      compiledQueries(options.countOperation),
      logErrors(options.toAppError),
    ],
    // NOTE: the default appends a newline, which copies the whole text
    stringifyResult: (result) => JSON.stringify(result),
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    persistedQueries: false,
    includeStacktraceInErrorResponses: false,
    hideSchemaDetailsFromClientErrors: !options.introspection,
    stopOnTerminationSignals: false,
    maxRecursiveSelections: 10_000,
    parseOptions: PARSE_LIMITS,
    validationOptions: { maxErrors: 5 },
    executionOptions: { maxCoercionErrors: 5 },
  });
  await server.start();
  return server;
}

/** Logs the errors that clients do not see, and gives them the request id, by which a client can report them. */
function logErrors(toAppError: ToAppError): ApolloServerPlugin<RequestContext> {
  return {
    requestDidStart: async () => ({
      didEncounterErrors: async ({ errors, contextValue }) => {
        for (const error of errors) if (!isClientError(error)) logError(error, contextValue, toAppError);
      },
    }),
  };
}

function logError(error: GraphQLError, { log, requestId }: RequestContext, toAppError: ToAppError): void {
  const { code, status, cause } = toAppError(originalError(error));
  if (code === 'INTERNAL') {
    error.extensions.requestId = requestId;
    log.error({ err: cause, path: error.path }, 'resolver failed');
  } else if (status === 503) {
    log.warn({ err: cause, path: error.path, code }, 'dependency failed');
  }
}
