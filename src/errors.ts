/**
 * Every refusal this service makes, once: what the code is called, the HTTP status that REST answers with, and the
 * name that GraphQL uses where the subgraph's contract knows fewer kinds than the REST contract does.
 */
const CODES = {
  BAD_REQUEST: { status: 400, graphql: 'BAD_USER_INPUT' },
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

interface ErrorDetails {
  /** Why, for the log; never sent. */
  cause?: unknown;
  /** The argument or body field at fault, in camelCase. */
  field?: string;
  /** When to try again; sent as `Retry-After`. */
  retryAfterSeconds?: number;
}

/** A refusal whose message may be shown to whoever asked. Everything else that is thrown is a bug and is masked. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly field: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, publicMessage: string, details: ErrorDetails = {}) {
    super(publicMessage, { cause: details.cause });
    this.name = 'AppError';
    this.code = code;
    this.field = details.field;
    this.retryAfterSeconds = details.retryAfterSeconds ?? (CODES[code].status === 503 ? 2 : undefined);
  }

  get status(): number {
    return CODES[this.code].status;
  }

  get graphqlCode(): string {
    return CODES[this.code].graphql;
  }
}

export function badInput(field: string, message: string): AppError {
  return new AppError('BAD_USER_INPUT', message, { field });
}

/** The public face of a bug: says nothing but that it happened. */
export function internal(cause: unknown): AppError {
  return new AppError('INTERNAL', 'Internal server error', { cause });
}

/** What an error that is not a refusal of ours means to whoever asked; INTERNAL when it is a bug. */
export type Explain = (error: unknown) => AppError;
