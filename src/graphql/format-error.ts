import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { ToAppError } from '../errors.ts';

/** Codes of Apollo Server for invalid requests, whose messages describe what the client sent. */
const CLIENT_ERROR_CODES: ReadonlySet<unknown> = new Set([
  'BAD_REQUEST',
  'BAD_USER_INPUT',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_FOUND',
  'PERSISTED_QUERY_NOT_SUPPORTED',
]);

/** Maximum length of the engine's messages, in characters: they quote what the client sent. */
const MAX_MESSAGE_LENGTH = 500;
const SUGGESTION = / Did you mean .*$/;

/** Returns whether the error is about the document or the variables, found before any resolver ran. */
export function isClientError(error: GraphQLError): boolean {
  // NOTE: the engine and Apollo Server wrap their own GraphQLErrors; resolvers throw none
  if (!(originalError(error) instanceof GraphQLError)) return false;
  const { code } = error.extensions;
  return CLIENT_ERROR_CODES.has(code) || error.path === undefined || error.message.startsWith('Argument "');
}

/** Returns the formatter of the errors in a response. Gateways pass the messages of subgraphs on, so it masks bugs. */
export function formatError(toAppError: ToAppError, { suggestions }: { suggestions: boolean }) {
  return (formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError => {
    const { path, locations } = formatted;
    const { message, extensions } = publicPart(formatted, error, toAppError);
    // NOTE: Apollo Server removes suggestions from validation errors, but not from errors about variables
    const shown = suggestions ? message : message.replace(SUGGESTION, '');
    return { message: shown, ...(path && { path }), ...(locations && { locations }), extensions };
  };
}

type PublicPart = Required<Pick<GraphQLFormattedError, 'message' | 'extensions'>>;

function publicPart(formatted: GraphQLFormattedError, error: unknown, toAppError: ToAppError): PublicPart {
  if (error instanceof GraphQLError && isClientError(error)) {
    const code = CLIENT_ERROR_CODES.has(error.extensions.code) ? error.extensions.code : 'BAD_USER_INPUT';
    return { message: formatted.message.slice(0, MAX_MESSAGE_LENGTH), extensions: { code } };
  }
  const { message, code, graphqlCode, field } = toAppError(originalError(error));
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

/** Returns the value that a resolver threw, without the GraphQLError that graphql-js wraps around it. */
export function originalError(error: unknown): unknown {
  return error instanceof GraphQLError ? (error.originalError ?? error) : error;
}
