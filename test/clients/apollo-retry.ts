import { ApolloLink, ServerError } from '@apollo/client';
import { ErrorLink } from '@apollo/client/link/error';
import { RetryLink } from '@apollo/client/link/retry';
import { getMainDefinition } from '@apollo/client/utilities';
import { Kind, OperationTypeNode } from 'graphql';
import { map, of } from 'rxjs';

const CODES = new Set<unknown>(['RATE_LIMITED', 'SERVICE_UNAVAILABLE', 'AUTH_SERVICE_UNAVAILABLE']);
const STATUSES = new Set<unknown>([429, 503]);
const KEYS = ['idempotencyKey', 'eventId', 'awardKey'];
/** After a longer `Retry-After`, the user decides about the repetition. */
const MAX_WAIT_SECONDS = 10;

class TemporaryFailure extends Error {
  readonly result: ApolloLink.Result;

  constructor(result: ApolloLink.Result) {
    super('The request failed temporarily');
    this.result = result;
  }
}

/**
 * Sends an operation up to three times while it fails temporarily. It repeats queries, and mutations of which each
 * field has a variable with a key.
 */
export function createRetryLink(): ApolloLink {
  const retry = new RetryLink({
    attempts: { max: 3, retryIf: (error, operation) => isTemporary(error) && isRepeatable(operation) },
    delay: (attempt, operation) => waitSeconds(operation) * attempt * (1 + Math.random() / 2) * 1000,
  });
  // RetryLink sees thrown errors only: the next link throws results that report a failure, and the last one returns the
  // result
  const throwFailure = new ApolloLink((operation, forward) =>
    forward(operation).pipe(
      map((result) => {
        if (hasFailed(result, operation)) throw new TemporaryFailure(result);
        return result;
      }),
    ),
  );
  const returnFailure = new ErrorLink(({ error }) =>
    error instanceof TemporaryFailure ? of(error.result) : undefined,
  );
  return ApolloLink.from([returnFailure, retry, throwFailure]);
}

function hasFailed({ errors = [] }: ApolloLink.Result, operation: ApolloLink.Operation): boolean {
  return (
    STATUSES.has(operation.getContext().response?.status) || errors.some((error) => CODES.has(error.extensions?.code))
  );
}

/** `fetch` throws a TypeError when the connection is lost. */
function isTemporary(error: unknown): boolean {
  if (error instanceof TemporaryFailure || error instanceof TypeError) return true;
  return ServerError.is(error) && STATUSES.has(error.statusCode);
}

function isRepeatable(operation: ApolloLink.Operation): boolean {
  if (waitSeconds(operation) > MAX_WAIT_SECONDS) return false;
  if (operation.operationType === OperationTypeNode.QUERY) return true;
  const { selections } = getMainDefinition(operation.query).selectionSet;
  return selections.every(
    (field) =>
      field.kind === Kind.FIELD &&
      field.arguments?.some(
        ({ value }) => value.kind === Kind.VARIABLE && hasKey(operation.variables[value.name.value]),
      ),
  );
}

function hasKey(input: Record<string, unknown> | undefined): boolean {
  return KEYS.some((key) => typeof input?.[key] === 'string');
}

function waitSeconds(operation: ApolloLink.Operation): number {
  return Number(operation.getContext().response?.headers.get('retry-after')) || 0.5;
}
