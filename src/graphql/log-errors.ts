import type { GraphQLError } from 'graphql';
import { type AppError, isFailure, type ToAppError, warningOf } from '../errors.ts';
import type { RequestContext } from '../request-context.ts';
import { isClientError, originalError } from './format-error.ts';

/** The errors of one operation that have the same cause. */
interface Failure {
  error: AppError;
  /** Where the first of them occurred. */
  path: GraphQLError['path'];
  count: number;
}

/**
 * Logs the errors that clients do not see, and gives all errors the request id, by which a client can report them.
 * There is one line for each cause: a failed query is an error of each field that waited for it.
 */
export function logOperationErrors(
  errors: readonly GraphQLError[],
  { log, requestId }: RequestContext,
  toAppError: ToAppError,
): void {
  const failures = new Map<string, Failure>();
  for (const { extensions } of errors) extensions.requestId = requestId;
  for (const graphqlError of errors.filter((error) => !isClientError(error))) {
    const error = toAppError(originalError(graphqlError));
    if (isFailure(error)) addFailure(failures, error, graphqlError.path);
  }
  for (const { error, path, count } of failures.values()) {
    const fields = { err: error.cause, path, ...(count > 1 && { count }) };
    if (error.code === 'INTERNAL') log.error(fields, 'resolver failed');
    else log.warn({ ...fields, code: error.code }, warningOf(error));
  }
}

function addFailure(failures: Map<string, Failure>, error: AppError, path: Failure['path']): void {
  const cause = causeOf(error);
  const failure = failures.get(cause) ?? { error, path, count: 0 };
  failure.count++;
  failures.set(cause, failure);
}

/**
 * Names the cause of an error: its type, code and message; for a value that the database rejects, without the message.
 */
function causeOf({ code, cause }: AppError): string {
  const {
    name = '',
    message = '',
    code: causeCode = '',
  } = (cause ?? {}) as { name?: string; message?: string; code?: string };
  // NOTE: it contains the value, and a client would get a line for each of its values
  return [code, name, causeCode, code === 'BAD_REQUEST' ? '' : message].join(' ');
}
