/** Every error code of the service: the HTTP status in REST, and the code in GraphQL, which has fewer codes. */
const CODES = {
  BAD_REQUEST: { status: 400, graphql: 'BAD_USER_INPUT' },
  INVALID_JSON: { status: 400, graphql: 'BAD_REQUEST' },
  INVALID_TRANSITION: { status: 400, graphql: 'BAD_USER_INPUT' },
  LIMIT_REACHED: { status: 400, graphql: 'LIMIT_REACHED' },
  TOO_MUCH_DATA: { status: 400, graphql: 'BAD_USER_INPUT' },
  UNAUTHENTICATED: { status: 401, graphql: 'UNAUTHENTICATED' },
  FORBIDDEN: { status: 403, graphql: 'FORBIDDEN' },
  NOT_FOUND: { status: 404, graphql: 'NOT_FOUND' },
  METHOD_NOT_ALLOWED: { status: 405, graphql: 'BAD_REQUEST' },
  CONFLICT: { status: 409, graphql: 'CONFLICT' },
  IDEMPOTENCY_IN_FLIGHT: { status: 409, graphql: 'CONFLICT' },
  STALE_VERSION: { status: 412, graphql: 'CONFLICT' },
  BODY_TOO_LARGE: { status: 413, graphql: 'BAD_REQUEST' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, graphql: 'BAD_REQUEST' },
  BAD_USER_INPUT: { status: 422, graphql: 'BAD_USER_INPUT' },
  IDEMPOTENCY_KEY_REUSED: { status: 422, graphql: 'BAD_USER_INPUT' },
  RATE_LIMITED: { status: 429, graphql: 'RATE_LIMITED' },
  INTERNAL: { status: 500, graphql: 'INTERNAL' },
  SERVICE_UNAVAILABLE: { status: 503, graphql: 'SERVICE_UNAVAILABLE' },
  AUTH_SERVICE_UNAVAILABLE: { status: 503, graphql: 'AUTH_SERVICE_UNAVAILABLE' },
} as const;

export type ErrorCode = keyof typeof CODES;

/** Returns the codes of a status in REST. */
export function codesOf(status: number): ErrorCode[] {
  return (Object.keys(CODES) as ErrorCode[]).filter((code) => CODES[code].status === status);
}

/** Seconds that a 503 tells clients to wait when the error does not say. */
const DEFAULT_RETRY_AFTER_SECONDS = 2;

/** One invalid field of an input. */
export interface FieldProblem {
  /** The argument or body field, in camelCase. */
  field: string;
  message: string;
  kind: 'too_short' | 'too_long' | 'invalid';
}

interface ErrorDetails {
  /** The reason, for the log; never sent. */
  cause?: unknown;
  /** The argument or body field that is invalid, in camelCase. */
  field?: string;
  /** Every invalid field, for errors that name several. */
  problems?: readonly FieldProblem[];
  /** The message over GraphQL, where that of REST is v1's and says less. */
  graphqlMessage?: string;
  /** Sent as `Retry-After`. */
  retryAfterSeconds?: number;
  /** Sent as `WWW-Authenticate`, where the token of the request is not the reason. */
  challenge?: string;
  /** The limit of the service that rejects the request, for metrics. */
  rejection?: Rejection;
}

/**
 * `unknown_keys`: refetches of the JWKS for tokens with unknown keys. `user_changes`: changes of the same user,
 * idempotency key or definition.
 */
type Rejection = 'unknown_keys' | 'user_changes';

/** An error whose message may be sent to clients. Any other thrown value is a bug, and is masked. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly field: string | undefined;
  readonly problems: readonly FieldProblem[] | undefined;
  readonly graphqlMessage: string;
  readonly retryAfterSeconds: number | undefined;
  readonly challenge: string | undefined;
  readonly rejection: Rejection | undefined;

  constructor(code: ErrorCode, publicMessage: string, details: ErrorDetails = {}) {
    super(publicMessage, { cause: details.cause });
    this.name = 'AppError';
    this.code = code;
    this.field = details.field;
    this.problems = details.problems;
    this.challenge = details.challenge;
    this.rejection = details.rejection;
    this.graphqlMessage = details.graphqlMessage ?? publicMessage;
    this.retryAfterSeconds =
      details.retryAfterSeconds ?? (CODES[code].status === 503 ? DEFAULT_RETRY_AFTER_SECONDS : undefined);
  }

  get status(): number {
    return CODES[this.code].status;
  }

  get graphqlCode(): string {
    return CODES[this.code].graphql;
  }
}

/** Returns the error of a change that would wait behind too many others of the same user. */
export function tooManyWaiting(): AppError {
  const message = 'Too many changes of this user wait for one another';
  return new AppError('RATE_LIMITED', message, { retryAfterSeconds: 1 });
}

/**
 * Returns the error of a change that is not saved because others came first.
 * @param changes what there are too many of, in the plural
 */
export function tooManyAtOnce(changes: string): AppError {
  return new AppError('SERVICE_UNAVAILABLE', `Too many ${changes} at the same time`, { rejection: 'user_changes' });
}

/** Returns BAD_USER_INPUT for one invalid field. */
export function invalidField(field: string, message: string, kind: FieldProblem['kind'] = 'invalid'): AppError {
  return invalidFields([{ field, message, kind }]);
}

/** Returns BAD_USER_INPUT for several invalid fields; its message and `field` are those of the first. */
export function invalidFields(problems: readonly [FieldProblem, ...FieldProblem[]]): AppError {
  const [{ field, message }] = problems;
  return new AppError('BAD_USER_INPUT', message, { field, problems });
}

/** Returns the masked error that clients get for a bug. */
export function internalError(cause: unknown): AppError {
  return new AppError('INTERNAL', 'Internal server error', { cause });
}

/** A message for clients, and the code of the API that they call. */
interface PublicError {
  message: string;
  code: string;
}

/** Returns the body of a GraphQL response without data. */
export function graphqlErrorBody({ message, code }: PublicError, requestId: string) {
  return { errors: [{ message, extensions: { code, requestId } }] };
}

/** Returns the body of a REST error: v1's `detail`, a code and the request id. */
export function restErrorBody<Detail>({ detail, code }: { detail: Detail; code: string }, requestId: string) {
  return { detail, code, request_id: requestId };
}

/** Returns the error of a request that a limit of the service rejects. */
export function overloadedError(): AppError {
  return new AppError('SERVICE_UNAVAILABLE', 'The service is overloaded');
}

/**
 * Returns whether the log has the cause of an error. It has that of a bug, of a failed dependency, and of a value that
 * the validation has accepted and the database has not. A 503 without a cause is the rejection of a limit.
 */
export function isFailure({ code, status, cause }: AppError): boolean {
  return status === 500 || (cause !== undefined && (status === 503 || code === 'BAD_REQUEST'));
}

/** Returns the message of the log for a failure that is no bug. */
export function warningOf({ status }: AppError): string {
  return status === 503 ? 'dependency failed' : 'the database rejected a value';
}

/** Translates any thrown value to the error that clients get; INTERNAL for a bug. */
export type ToAppError = (error: unknown) => AppError;
