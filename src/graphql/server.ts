import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import type { GraphQLError, GraphQLSchema } from 'graphql';
import type { Context } from '../context.ts';
import type { Explain } from '../errors.ts';
import { answerCompiled } from './compiled-queries.ts';
import { limitCost } from './cost.ts';
import { formatError, isClientError, originalOf } from './format-error.ts';

export interface GraphqlOptions {
  schema: GraphQLSchema;
  introspection: boolean;
  explain: Explain;
  /** Hears of every operation that is executed, and whether it was by compiled functions. */
  countOperation: (compiled: boolean) => void;
}

/** Three times what the longest operation of a real gateway needs. */
const PARSE_LIMITS = { maxLexicalTokens: 3000, maxComments: 100, maxSourceLength: 100_000 };

/** The GraphQL engine, started; it knows nothing of HTTP servers. */
export async function startGraphql(options: GraphqlOptions): Promise<ApolloServer<Context>> {
  const server = new ApolloServer<Context>({
    schema: options.schema,
    introspection: options.introspection,
    formatError: formatError(options.explain, { suggestions: options.introspection }),
    plugins: [
      // NOTE: on by default, and wraps every field: it alone costs more than all our resolvers together
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      limitCost(),
      answerCompiled(options.countOperation),
      logFailures(options.explain),
    ],
    // As it comes, a newline behind it costs a copy of the whole text.
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

/** Logs what clients must not see, and gives it the request's id, by which they can ask about it. */
function logFailures(explain: Explain): ApolloServerPlugin<Context> {
  return {
    requestDidStart: async () => ({
      didEncounterErrors: async ({ errors, contextValue }) => {
        for (const error of errors) if (!isClientError(error)) logFailure(error, contextValue, explain);
      },
    }),
  };
}

function logFailure(error: GraphQLError, { log, requestId }: Context, explain: Explain): void {
  const { code, status, cause } = explain(originalOf(error));
  if (code === 'INTERNAL') {
    error.extensions.requestId = requestId;
    log.error({ err: cause, path: error.path }, 'a resolver failed');
  } else if (status === 503) {
    log.warn({ err: cause, path: error.path, code }, 'a dependency failed');
  }
}
