import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { Explain } from '../errors.ts';

/** Codes of Apollo Server's that say what is wrong with a request; their messages are about what the client sent. */
const CLIENT_CODES: ReadonlySet<unknown> = new Set([
  'BAD_REQUEST',
  'BAD_USER_INPUT',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_FOUND',
  'PERSISTED_QUERY_NOT_SUPPORTED',
]);

/** Messages of the engine's quote what the client sent, however long that is. */
const MAX_MESSAGE = 500;
const SUGGESTION = / Did you mean .*$/;

/** Whether the error is about the document or the variables, and was found before any resolver ran. */
export function isClientError(error: GraphQLError): boolean {
  // NOTE: the engine and Apollo Server wrap GraphQLErrors of their own; a resolver throws no GraphQLError
  if (!(originalOf(error) instanceof GraphQLError)) return false;
  return CLIENT_CODES.has(error.extensions.code) || error.path === undefined || error.message.startsWith('Argument "');
}

/**
 * What clients see of an error: gateways pass a subgraph's messages on unmasked, so that whatever is not meant for them
 * must not leave here.
 */
export function formatError(explain: Explain, { suggestions }: { suggestions: boolean }) {
  return (formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError => {
    const { path, locations } = formatted;
    const { message, extensions } = publicPart(formatted, error, explain);
    // NOTE: Apollo Server leaves suggestions out of what validation finds, but not of what is wrong with variables
    const shown = suggestions ? message : message.replace(SUGGESTION, '');
    return { message: shown, ...(path && { path }), ...(locations && { locations }), extensions };
  };
}

type PublicPart = Required<Pick<GraphQLFormattedError, 'message' | 'extensions'>>;

function publicPart(formatted: GraphQLFormattedError, error: unknown, explain: Explain): PublicPart {
  if (error instanceof GraphQLError && isClientError(error)) {
    const code = CLIENT_CODES.has(error.extensions.code) ? error.extensions.code : 'BAD_USER_INPUT';
    return { message: formatted.message.slice(0, MAX_MESSAGE), extensions: { code } };
  }
  const { message, code, graphqlCode, field } = explain(originalOf(error));
  const requestId = code === 'INTERNAL' ? formatted.extensions?.requestId : undefined;
  return {
    message,
    extensions: {
      code: graphqlCode,
      ...(field !== undefined && { field }),
      ...(requestId !== undefined && { requestId }),
    },
  };
}

/** What a resolver threw, without what graphql-js wraps around it. */
export function originalOf(error: unknown): unknown {
  return error instanceof GraphQLError ? (error.originalError ?? error) : error;
}
