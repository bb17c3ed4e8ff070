import { ApolloServerValidationErrorCode } from '@apollo/server/errors';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { AppError, ToAppError } from '../errors.ts';
import { coercionProblem } from './coercion-problem.ts';

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
const INTROSPECTION_OFF = 'Introspection is off: PLAYGROUND=true turns it on';
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
    // NOTE: graphql-js hides suggestions in errors of the validation, but not in those about variables
    const shown = (text: string) => (suggestions ? text : withoutSuggestion(text));
    const { message, extensions } = publicPart(formatted, error, { toAppError, shown });
    return { message, ...(path && { path }), ...(locations && { locations }), extensions };
  };
}

/** Returns a message of graphql-js, of at most 500 characters, without the names that it suggests. */
function withoutSuggestion(message: string): string {
  return message.replace(SUGGESTION, '');
}

type PublicPart = Required<Pick<GraphQLFormattedError, 'message' | 'extensions'>>;

interface Formatting {
  toAppError: ToAppError;
  /** Returns a message of graphql-js in the form that clients may see. */
  shown: (message: string) => string;
}

function publicPart(formatted: GraphQLFormattedError, error: unknown, { toAppError, shown }: Formatting): PublicPart {
  const { requestId } = formatted.extensions ?? {};
  const reference = requestId === undefined ? {} : { requestId };
  if (error instanceof GraphQLError && isClientError(error)) {
    const code = CLIENT_ERROR_CODES.has(error.extensions.code) ? error.extensions.code : 'BAD_USER_INPUT';
    const invalid = code === 'BAD_USER_INPUT' ? invalidValue(error, shown) : {};
    return { message: shown(clientMessage(formatted.message, error)), extensions: { code, ...invalid, ...reference } };
  }
  const appError = toAppError(originalError(error));
  const { graphqlMessage: message, graphqlCode: code, field } = appError;
  const fields = invalidFieldsOf(appError);
  return {
    message,
    extensions: { code, ...(field !== undefined && { field }), ...(fields && { fields }), ...reference },
  };
}

/** Returns the invalid field of an error about a variable or an argument, and its problem; nothing for other errors. */
function invalidValue(error: GraphQLError, shown: Formatting['shown']) {
  const problem = coercionProblem(error);
  if (problem === undefined) return {};
  const { field, message } = problem;
  return { field, fields: [{ field, message: shown(message.slice(0, MAX_MESSAGE_LENGTH)) }] };
}

/** Returns every invalid field of an error of the client's input. */
function invalidFieldsOf({ graphqlCode, graphqlMessage: message, field, problems }: AppError) {
  if (problems !== undefined) return problems.map((problem) => ({ field: problem.field, message: problem.message }));
  return graphqlCode === 'BAD_USER_INPUT' && field !== undefined ? [{ field, message }] : undefined;
}

function clientMessage(message: string, { extensions }: GraphQLError): string {
  const isIntrospection = extensions.validationErrorCode === ApolloServerValidationErrorCode.INTROSPECTION_DISABLED;
  return isIntrospection ? INTROSPECTION_OFF : message.slice(0, MAX_MESSAGE_LENGTH);
}

/** Returns the value that a resolver threw, without the GraphQLError that graphql-js wraps around it. */
export function originalError(error: unknown): unknown {
  return error instanceof GraphQLError ? (error.originalError ?? error) : error;
}
