import { type TSchema, Type } from 'typebox';
import { codesOf, type ErrorCode } from '../../errors.ts';
import { EXAMPLE_CURSOR } from './schemas.ts';

interface ErrorKind {
  /** The name of the schema in the OpenAPI document. */
  name: string;
  description: string;
  /** Another `detail` of a code, for a second example. */
  otherDetails?: Readonly<Record<string, string>>;
  headers?: readonly HeaderName[];
}

export type HeaderName = keyof typeof HEADERS;

/** A status for which `errorResponse` has a description. */
export type ErrorStatus = keyof typeof ERRORS;

const INVALID_FIELD = { loc: ['body', 'title'], msg: 'title must have at least 1 character', type: 'string_too_short' };

/** An example of each code's `detail`. docs/API.md has the same codes. */
const DETAILS: Readonly<Record<ErrorCode, unknown>> = {
  BAD_REQUEST: 'Invalid Host header',
  INVALID_JSON: 'The request body is not valid JSON',
  INVALID_TRANSITION: 'Invalid status transition from archived to paused',
  LIMIT_REACHED: 'Maximum number of learning goals (500) reached',
  TOO_MUCH_DATA: 'The requested lists have more than 16 MB: ask for fewer rows',
  UNAUTHENTICATED: 'Could not validate credentials',
  FORBIDDEN: 'Not authorized to update this learning goal',
  NOT_FOUND: 'Learning goal not found',
  METHOD_NOT_ALLOWED: 'Method Not Allowed',
  CONFLICT: 'An activity with this event id and other content exists',
  IDEMPOTENCY_IN_FLIGHT: 'A request with this Idempotency-Key is still being processed',
  STALE_VERSION: 'The learning goal has changed: its version is 4',
  BODY_TOO_LARGE: 'The request body is too large',
  UNSUPPORTED_MEDIA_TYPE: 'The request body must be application/json in UTF-8, without Content-Encoding',
  BAD_USER_INPUT: [INVALID_FIELD],
  IDEMPOTENCY_KEY_REUSED: 'This Idempotency-Key was used for a different request',
  RATE_LIMITED: 'Too many requests',
  INTERNAL: 'Internal server error',
  SERVICE_UNAVAILABLE: 'The service is overloaded',
  AUTH_SERVICE_UNAVAILABLE: 'The auth-service is temporarily unavailable',
};

/** The errors that operations have, by status. */
const ERRORS = {
  400: {
    name: 'BadRequestError',
    description: 'The request is malformed, or a limit or the state of the data forbids the change.',
  },
  401: {
    name: 'UnauthenticatedError',
    description: 'The token is missing, invalid or expired.',
    headers: ['WWW-Authenticate'],
  },
  403: {
    name: 'ForbiddenError',
    description: 'The token is valid, and does not permit the request.',
  },
  404: {
    name: 'NotFoundError',
    description: 'No such user, badge or goal exists.',
  },
  409: {
    name: 'ConflictError',
    description: 'The request conflicts with stored data, or with a request that is still being processed.',
  },
  412: {
    name: 'StaleVersionError',
    description: 'The goal has changed since the version of `If-Match`.',
  },
  413: {
    name: 'BodyTooLargeError',
    description: 'The body has more than 1 MiB, or 64 KiB with more than 50,000 of the characters `{`, `[` and `,`.',
  },
  415: {
    name: 'UnsupportedMediaTypeError',
    description:
      'The body has another type than `application/json` or `application/*+json`, another charset than UTF-8, or a `Content-Encoding`.',
  },
  422: {
    name: 'InvalidInputError',
    description: 'Parameters or members of the body are invalid; `detail` lists at most 20 of them.',
  },
  429: {
    name: 'RateLimitedError',
    description:
      'The user, or the address without a token, has sent more than `RATE_LIMIT_PER_MINUTE` requests, or 100 new rows or ' +
      "changes of the user's goals and tracked data wait for one another.",
    otherDetails: { RATE_LIMITED: 'Too many changes of this user wait for one another' },
    headers: ['Retry-After'],
  },
  500: {
    name: 'InternalError',
    description: 'A bug of the service. Its log has an error with the `request_id`.',
  },
  503: {
    name: 'UnavailableError',
    description: 'The service is overloaded, or the database or the auth-service is unavailable. Writes may be done.',
    headers: ['Retry-After'],
  },
} as const satisfies Record<number, ErrorKind>;

/** The response headers of the REST API, as they are documented. */
const HEADERS = {
  ETag: Type.String({
    description: 'The version of the response, for `If-Match` or `If-None-Match`.',
    examples: ['"7-3"'],
  }),
  'Idempotent-Replayed': Type.String({
    enum: ['true'],
    description: 'Present when the request is a repetition, which has changed nothing.',
  }),
  Link: Type.String({
    description: 'The next page, with `rel="next"`; absent on the last page and on whole lists.',
    examples: [`</users/ada/goals?limit=20&after=${EXAMPLE_CURSOR}>; rel="next"`],
  }),
  Location: Type.String({ description: 'The path of the new item.', examples: ['/users/ada/goals/7'] }),
  'Retry-After': Type.String({
    pattern: '^[0-9]+$',
    description: 'The seconds to wait before the next request.',
    examples: ['2'],
  }),
  Warning: Type.String({
    description: 'Present when the body has a `streak_count` that is not saved.',
    examples: ['299 - "streak_count is computed from activities"'],
  }),
  'WWW-Authenticate': Type.String({
    description: 'The challenge of RFC 6750, section 3.',
    examples: ['Bearer error="invalid_token"'],
  }),
  'x-request-id': Type.String({
    description: 'The id of the request in the log: that of the request header, or a new one.',
    examples: ['78daff21-b604-4f10-af87-2464dc90d56f'],
  }),
};

const ValidationProblem = Type.Object(
  {
    loc: Type.Array(Type.Union([Type.String(), Type.Integer()]), {
      description: 'The place: `path`, `query`, `headers` or `body`, and the names or indexes that lead to the value.',
      examples: [INVALID_FIELD.loc],
    }),
    msg: Type.String({ description: 'The problem, for humans.', examples: [INVALID_FIELD.msg] }),
    type: Type.String({ description: 'The kind of problem, for programs.', examples: [INVALID_FIELD.type] }),
  },
  { title: 'ValidationProblem', description: "One invalid value, in FastAPI's format." },
);

const REQUEST_ID = '78daff21-b604-4f10-af87-2464dc90d56f';
const TextDetail = Type.String({ description: 'The reason, for humans.', examples: ['Not authenticated'] });
const ListedDetail = Type.Union([TextDetail, Type.Array(ValidationProblem)], {
  description: 'The invalid values; a text for `IDEMPOTENCY_KEY_REUSED`.',
});

/** Returns the documentation of response headers, `x-request-id` included. */
export function headersOf(names: readonly HeaderName[] = []): Record<string, TSchema> {
  return Object.fromEntries(['x-request-id' as const, ...names].map((name) => [name, HEADERS[name]]));
}

/** Returns the error response of a status as @fastify/swagger reads it. */
export function errorResponse(status: ErrorStatus): TSchema {
  const { name, description, otherDetails = {}, headers }: ErrorKind = ERRORS[status];
  const codes = codesOf(status);
  const schema = Type.Object({
    detail: status === 422 ? ListedDetail : TextDetail,
    code: Type.String({ enum: codes, description: 'The reason, for programs.' }),
    request_id: Type.String({ description: 'The `x-request-id` of the response.', examples: [REQUEST_ID] }),
  });
  const exampleOf = (code: string, detail: unknown) => ({ value: { detail, code, request_id: REQUEST_ID } });
  const examples = [
    ...codes.map((code) => [code, exampleOf(code, DETAILS[code])]),
    ...Object.entries(otherDetails).map(([code, detail]) => [`${code}-2`, exampleOf(code, detail)]),
  ];
  return {
    ...schema,
    title: name,
    description,
    headers: headersOf(headers),
    'x-response-description': description,
    'x-examples': Object.fromEntries(examples),
  } as TSchema;
}
