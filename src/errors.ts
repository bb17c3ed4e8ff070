/**
 * Every error code of the service: the HTTP status that REST answers with, and the code that GraphQL shows where its
 * contract knows fewer kinds than REST's.
 */
const CODES = {
  BAD_REQUEST: { status: 400, graphql: 'BAD_USER_INPUT' },
  TOO_MUCH_DATA: { status: 400, graphql: 'BAD_USER_INPUT' },
  INVALID_TRANSITION: { status: 400, graphql: 'BAD_USER_INPUT' },
  LIMIT_REACHED: { status: 400, graphql: 'LIMIT_REACHED' },
  UNAUTHENTICATED: { status: 401, graphql: 'UNAUTHENTICATED' },
  FORBIDDEN: { status: 403, graphql: 'FORBIDDEN' },
  NOT_FOUND: { status: 404, graphql: 'NOT_FOUND' },
  METHOD_NOT_ALLOWED: { status: 405, graphql: 'BAD_USER_INPUT' },
  CONFLICT: { status: 409, graphql: 'CONFLICT' },
  IDEMPOTENCY_IN_FLIGHT: { status: 409, graphql: 'CONFLICT' },
  STALE_VERSION: { status: 412, graphql: 'CONFLICT' },
  BAD_USER_INPUT: { status: 422, graphql: 'BAD_USER_INPUT' },
  IDEMPOTENCY_KEY_REUSED: { status: 422, graphql: 'BAD_USER_INPUT' },
  RATE_LIMITED: { status: 429, graphql: 'RATE_LIMITED' },
  INTERNAL: { status: 500, graphql: 'INTERNAL' },
  AUTH_SERVICE_UNAVAILABLE: { status: 503, graphql: 'AUTH_SERVICE_UNAVAILABLE' },
  SERVICE_UNAVAILABLE: { status: 503, graphql: 'SERVICE_UNAVAILABLE' },
} as const;

export type ErrorCode = keyof typeof CODES;

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
  /** Sent as `Retry-After`. */
  retryAfterSeconds?: number;
}

/** An error whose message may be sent to clients. Any other thrown value is a bug, and is masked. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly field: string | undefined;
  readonly problems: readonly FieldProblem[] | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, publicMessage: string, details: ErrorDetails = {}) {
    super(publicMessage, { cause: details.cause });
    this.name = 'AppError';
    this.code = code;
    this.field = details.field;
    this.problems = details.problems;
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

/** Translates any thrown value to the error that clients get; INTERNAL for a bug. */
export type ToAppError = (error: unknown) => AppError;
