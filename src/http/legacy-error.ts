import type { FastifyError, FastifyReply, FastifyRequest, FastifySchemaValidationError } from 'fastify';
import type { AppError, Explain } from '../errors.ts';
import { logFailure, refusalHeaders } from './refusal.ts';

interface Refusal {
  status: number;
  code: string;
  detail: string | ValidationDetail[];
  headers?: Record<string, string>;
}

/** FastAPI's, which legacy clients parse. */
interface ValidationDetail {
  loc: (string | number)[];
  msg: string;
  type: string;
}

/** What Fastify itself refuses, before a route sees it. */
const FASTIFY_REFUSALS: Readonly<Record<string, { code: string; detail: string }>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: { code: 'BODY_TOO_LARGE', detail: 'The request body is too large' },
  FST_ERR_CTP_EMPTY_JSON_BODY: { code: 'INVALID_JSON', detail: 'The request body is not valid JSON' },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    code: 'BAD_REQUEST',
    detail: 'The request body does not have its announced length',
  },
  FST_ERR_CTP_INVALID_JSON_BODY: { code: 'INVALID_JSON', detail: 'The request body is not valid JSON' },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    code: 'UNSUPPORTED_MEDIA_TYPE',
    detail: 'The request body must be application/json',
  },
};

const MAX_PROBLEMS = 20;

const VALIDATION_TYPES: Readonly<Record<string, string>> = {
  required: 'missing',
  additionalProperties: 'extra_forbidden',
  minLength: 'string_too_short',
  maxLength: 'string_too_long',
  minimum: 'greater_than_equal',
  maximum: 'less_than_equal',
  enum: 'enum',
  format: 'string_pattern_mismatch',
};

/** Answers with the first version's shape of error: `{detail, code, request_id}`. */
export function legacyErrorHandler(explain: Explain) {
  return (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    const { status, code, detail, headers } = toRefusal(error, request, explain);
    reply
      .code(status)
      .headers({ ...headers, 'x-request-id': request.id })
      .send({ detail, code, request_id: request.id });
  };
}

function toRefusal(error: unknown, request: FastifyRequest, explain: Explain): Refusal {
  const { validation, validationContext, code = '', statusCode = 500 } = error as Partial<FastifyError>;
  if (validation !== undefined)
    return invalid(validation.slice(0, MAX_PROBLEMS).map((problem) => describe(problem, validationContext)));
  if (statusCode < 500) {
    const known = FASTIFY_REFUSALS[code];
    return { status: statusCode, code: known?.code ?? 'BAD_REQUEST', detail: known?.detail ?? 'Bad Request' };
  }
  return fromAppError(explain(error), request);
}

function fromAppError(error: AppError, request: FastifyRequest): Refusal {
  logFailure(error, request);
  const headers = refusalHeaders(error, request);
  if (error.code === 'BAD_USER_INPUT') {
    const place = request.method === 'GET' || request.method === 'HEAD' ? 'query' : 'body';
    const { field = '' } = error;
    const name = snakeCase(field);
    const loc = name === '' ? [place] : [place, name];
    return { ...invalid([{ loc, msg: error.message.replace(field, name), type: 'value_error' }]), headers };
  }
  return { status: error.status, code: error.code, detail: error.message, headers };
}

function invalid(detail: ValidationDetail[]): Refusal {
  return { status: 422, code: 'BAD_USER_INPUT', detail };
}

function describe(problem: FastifySchemaValidationError, context: string | undefined): ValidationDetail {
  const { keyword, instancePath, params, message } = problem;
  const path = instancePath.split('/').slice(1);
  const named = params.missingProperty ?? params.additionalProperty;
  const place = context === 'params' ? 'path' : context === 'querystring' ? 'query' : (context ?? 'body');
  const type = keyword === 'type' ? `${[params.type].flat()[0]}_type` : (VALIDATION_TYPES[keyword] ?? keyword);
  return { loc: [place, ...path, ...(typeof named === 'string' ? [named] : [])], msg: message ?? 'is invalid', type };
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
