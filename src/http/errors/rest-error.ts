import type { FastifyError, FastifyReply, FastifyRequest, FastifySchemaValidationError } from 'fastify';
import { type AppError, type FieldProblem, restErrorBody, type ToAppError } from '../../errors.ts';
import { alternatives } from '../../lib/alternatives.ts';
import { isObject } from '../../lib/is-object.ts';
import { USER_ID_RULE } from '../../lib/user-id.ts';
import { errorHeaders, FASTIFY_ERRORS, noteError } from './error-response.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Returns the content problems of a body that the schema rejects. */
    problems?: (body: unknown) => FieldProblem[];
  }
}

interface RestError {
  status: number;
  code: string;
  detail: string | ValidationDetail[];
  headers?: Record<string, string>;
}

/** FastAPI's format, which v1 clients parse. */
interface ValidationDetail {
  loc: (string | number)[];
  msg: string;
  type: string;
}

/** The problem of a path such as `/users/me/goals`. */
export const ME_IS_NO_ID = '"me" stands for the viewer in /users/me only: put the id of the user into the path';

/** Maximum number of validation details in a response. */
const MAX_DETAILS = 20;

/** FastAPI's error types by JSON Schema keyword. */
const KEYWORD_TYPES: Readonly<Record<string, string>> = {
  required: 'missing',
  additionalProperties: 'extra_forbidden',
  minimum: 'greater_than_equal',
  maximum: 'less_than_equal',
  enum: 'enum',
  maxProperties: 'too_long',
  format: 'string_pattern_mismatch',
};

/** FastAPI's error types of a value of another type than that of the schema. Those of integers also depend on it. */
const TYPE_ERRORS: Readonly<Record<string, string>> = {
  integer: 'int_type',
  number: 'float_type',
  boolean: 'bool_type',
  string: 'string_type',
  array: 'list_type',
  object: 'model_attributes_type',
};

/** The messages of formats, whose names mean nothing to clients. */
const FORMAT_MESSAGES: Readonly<Record<string, string>> = {
  date: 'must be a date, such as 2026-03-01',
  'user-id': `must be ${USER_ID_RULE}`,
};

const PROBLEM_TYPES: Readonly<Record<FieldProblem['kind'], string>> = {
  too_short: 'string_too_short',
  too_long: 'string_too_long',
  invalid: 'value_error',
};

/** Returns the error handler that answers in v1's format: `{detail, code, request_id}`. */
export function restErrorHandler(toAppError: ToAppError) {
  return (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    const { status, code, detail, headers } = toRestError(error, request, toAppError);
    request.errorCode = code;
    reply
      .code(status)
      .headers({ ...headers, 'x-request-id': request.id })
      .send(restErrorBody({ detail, code }, request.id));
  };
}

function toRestError(error: unknown, request: FastifyRequest, toAppError: ToAppError): RestError {
  const { validation, validationContext, code = '', statusCode = 500 } = error as Partial<FastifyError>;
  if (validation !== undefined) return fromValidation(validation, validationContext, request);
  if (statusCode < 500) {
    const known = FASTIFY_ERRORS[code];
    return { status: statusCode, code: known?.code ?? 'BAD_REQUEST', detail: known?.detail ?? 'Bad Request' };
  }
  return fromAppError(toAppError(error), request);
}

/**
 * Returns an error that names every invalid field: those that the schema rejects, and those whose content is invalid.
 */
function fromValidation(
  validation: readonly FastifySchemaValidationError[],
  context: string | undefined,
  request: FastifyRequest,
): RestError {
  const userId = (request.params as { auth_user_id?: unknown } | undefined)?.auth_user_id;
  const details = onePerValue(
    validation.slice(0, MAX_DETAILS).map((problem) => {
      const detail = fromSchemaProblem(problem, { context, request });
      return userId === 'me' && detail.loc.includes('auth_user_id') ? { ...detail, msg: ME_IS_NO_ID } : detail;
    }),
  );
  if (context === 'body' && isObject(request.body)) {
    const problems = request.routeOptions.config.problems?.(request.body) ?? [];
    const isReported = ({ loc }: ValidationDetail) => details.some((detail) => detail.loc.join() === loc.join());
    details.push(
      ...problems.map((problem) => fromFieldProblem(problem, 'body')).filter((detail) => !isReported(detail)),
    );
  }
  return invalidInput(details.slice(0, MAX_DETAILS));
}

function fromAppError(error: AppError, request: FastifyRequest): RestError {
  noteError(error, request);
  const headers = errorHeaders(error, request);
  if (error.problems === undefined) {
    return { status: error.status, code: error.code, detail: error.message, headers };
  }
  const location = request.method === 'GET' || request.method === 'HEAD' ? 'query' : 'body';
  return { ...invalidInput(error.problems.map((problem) => fromFieldProblem(problem, location))), headers };
}

function invalidInput(detail: ValidationDetail[]): RestError {
  return { status: 422, code: 'BAD_USER_INPUT', detail };
}

function fromFieldProblem({ field, message, kind }: FieldProblem, location: string): ValidationDetail {
  const name = snakeCase(field);
  return { loc: [location, name], msg: message.replace(field, name), type: PROBLEM_TYPES[kind] };
}

/** Keeps the last detail of a value, the most specific one: an enum also has a type. */
function onePerValue(details: readonly ValidationDetail[]): ValidationDetail[] {
  return [...new Map(details.map((detail) => [detail.loc.join(), detail])).values()];
}

interface Invalid {
  context: string | undefined;
  request: FastifyRequest;
}

function fromSchemaProblem(
  problem: FastifySchemaValidationError,
  { context = 'body', request }: Invalid,
): ValidationDetail {
  const { keyword, instancePath, params } = problem;
  const path = instancePath.split('/').slice(1);
  const property = params.missingProperty ?? params.additionalProperty;
  const location = { params: 'path', querystring: 'query' }[context] ?? context;
  const loc = [location, ...path, ...(typeof property === 'string' ? [property] : [])];
  if (location === 'body' && path.length === 0 && request.body == null) {
    return { loc, msg: 'is required', type: 'missing' };
  }
  const type = keyword === 'type' ? typeError(problem, valueAt(path, { context, request })) : KEYWORD_TYPES[keyword];
  return { loc, msg: messageOf(problem), type: type ?? keyword };
}

/** Returns FastAPI's error type of a value of another type: of several, such as with null, that of the first one. */
function typeError({ params }: FastifySchemaValidationError, value: unknown): string | undefined {
  const [expected = ''] = [params.type].flat() as string[];
  if (expected === 'integer' && typeof value === 'string') return 'int_parsing';
  if (expected === 'integer' && typeof value === 'number') return 'int_from_float';
  return TYPE_ERRORS[expected];
}

function valueAt(path: readonly string[], { context, request }: Invalid): unknown {
  const part = { params: request.params, querystring: request.query, headers: request.headers }[context ?? ''];
  return path.reduce<unknown>((value, name) => (value as Record<string, unknown>)?.[name], part ?? request.body);
}

function messageOf({ keyword, params, message = 'is invalid' }: FastifySchemaValidationError): string {
  if (keyword === 'enum') return `must be ${alternatives(params.allowedValues as string[])}`;
  if (keyword === 'type') return `must be ${alternatives([params.type].flat() as string[])}`;
  return (keyword === 'format' && FORMAT_MESSAGES[String(params.format)]) || message;
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
