import type { FastifyContextConfig } from 'fastify';
import type { TObject, TSchema } from 'typebox';
import type { FieldProblem } from '../../errors.ts';
import type { Access } from './access.ts';
import { type ErrorStatus, errorResponse, type HeaderName, headersOf } from './error-responses.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The body in the OpenAPI document, where it says more than validation checks. */
    documentedBody?: TSchema;
  }
}

/** The parts of a request that its schema validates. */
interface Validation {
  params?: TObject;
  querystring?: TObject;
  headers?: TObject;
  body?: TSchema;
}

interface Success {
  schema: TSchema;
  description: string;
  /** The headers besides `x-request-id`. */
  headers?: readonly HeaderName[];
  /** The description of a 304. */
  notModified?: string;
}

/** A REST operation: its own part of the OpenAPI document. Everything else follows from it. */
interface RestOperation extends Validation {
  operationId: string;
  tag: string;
  summary: string;
  /** Effects, limits and defaults, in Markdown. */
  description: string;
  /** Without it, the operation requires a valid token. */
  access?: Access;
  /** Returns the content problems of a body that the schema rejects. */
  problems?: (body: unknown) => FieldProblem[];
  documentedBody?: TSchema;
  success: Success;
  /** The error statuses that do not follow from the access and the parts of the request. */
  errors?: readonly ErrorStatus[];
}

type ValidatedPart<Route> = { [Part in keyof Route & keyof Validation]: Route[Part] };

/** Any request may get these, a GET a 400 for its headers. */
const COMMON_ERRORS = [400, 429, 500, 503] as const;

/** Returns the options of a route: its access, its validation, and its documentation. */
export function operation<const Route extends RestOperation>(route: Route) {
  const { access, problems, documentedBody, success } = route;
  const config = {
    ...(access !== undefined && { access }),
    ...(problems !== undefined && { problems }),
    ...(documentedBody !== undefined && { documentedBody }),
  } as FastifyContextConfig & Pick<Route, 'access'>;
  const responses = [
    [200, successResponse(success)],
    ...(success.notModified === undefined ? [] : [[304, notModifiedResponse(success.notModified)] as const]),
    ...errorStatuses(route).map((status) => [status, errorResponse(status)] as const),
  ];
  const schema = {
    operationId: route.operationId,
    tags: [route.tag],
    summary: route.summary,
    description: `${route.description}\n\n**Access:** ${describeAccess(access)}`,
    security: access === 'public' ? [] : [{ bearer: [] }],
    ...validatedPart(route),
    response: Object.fromEntries(responses) as Record<number, TSchema>,
  };
  return { config, schema };
}

function validatedPart<Route extends RestOperation>(route: Route): ValidatedPart<Route> {
  const parts = (['params', 'querystring', 'headers', 'body'] as const).filter((part) => route[part] !== undefined);
  return Object.fromEntries(parts.map((part) => [part, route[part]])) as ValidatedPart<Route>;
}

function errorStatuses({ access, params, querystring, body, errors = [] }: RestOperation): ErrorStatus[] {
  const statuses: ErrorStatus[] = [...COMMON_ERRORS, ...errors];
  if (access !== 'public') statuses.push(401);
  if (typeof access === 'object') statuses.push(403);
  if (params !== undefined || querystring !== undefined || body !== undefined) statuses.push(422);
  if (body !== undefined) statuses.push(413, 415);
  return statuses;
}

function describeAccess(access: Access | undefined): string {
  if (access === 'public') return 'public. The operation does not read a token.';
  if (access === undefined) return 'every user, with a valid token.';
  if ('requires' in access) return `tokens with the scope \`${access.requires}\`.`;
  const scope = 'private' in access ? access.private : access.scope;
  return `the user of the path${scope === undefined ? '' : `, and tokens with the scope \`${scope}\``}.`;
}

function successResponse({ schema, description, headers }: Success): TSchema {
  return { ...schema, headers: headersOf(headers), 'x-response-description': description } as TSchema;
}

function notModifiedResponse(description: string): TSchema {
  return { type: 'null', headers: headersOf(['ETag']), 'x-response-description': description } as TSchema;
}
