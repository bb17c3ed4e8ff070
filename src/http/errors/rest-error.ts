import type { FastifyError, FastifyReply, FastifyRequest, FastifySchemaValidationError } from 'fastify';
import { type AppError, type FieldProblem, restErrorBody, type ToAppError } from '../../errors.ts';
import { alternatives } from '../../lib/alternatives.ts';
import { isObject } from '../../lib/is-object.ts';
import { USER_ID_RULE } from '../../lib/user-id.ts';
import { errorHeaders, FASTIFY_ERRORS, logFailure } from './error-response.ts';

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
  const details = validation.slice(0, MAX_DETAILS).map((problem) => {
    const detail = fromSchemaProblem(problem, context);
    return userId === 'me' && detail.loc.includes('auth_user_id') ? { ...detail, msg: ME_IS_NO_ID } : detail;
  });
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
  logFailure(error, request);
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

function fromSchemaProblem(problem: FastifySchemaValidationError, context: string | undefined): ValidationDetail {
  const { keyword, instancePath, params } = problem;
  const path = instancePath.split('/').slice(1);
  const property = params.missingProperty ?? params.additionalProperty;
  const location = context === 'params' ? 'path' : context === 'querystring' ? 'query' : (context ?? 'body');
  const type = keyword === 'type' ? `${[params.type].flat()[0]}_type` : (KEYWORD_TYPES[keyword] ?? keyword);
  return {
    loc: [location, ...path, ...(typeof property === 'string' ? [property] : [])],
    msg: messageOf(problem),
    type,
  };
}

function messageOf({ keyword, params, message = 'is invalid' }: FastifySchemaValidationError): string {
  if (keyword === 'enum') return `must be ${alternatives(params.allowedValues as string[])}`;
  if (keyword === 'type') return `must be ${alternatives([params.type].flat() as string[])}`;
  return (keyword === 'format' && FORMAT_MESSAGES[String(params.format)]) || message;
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
