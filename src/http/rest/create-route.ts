import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import type { Static, TObject, TSchema } from 'typebox';
import type { Owner } from '../../auth/viewer.ts';
import type { FieldProblem } from '../../errors.ts';
import { hashRequestBody, type KeyedInput, type KeyedResult } from '../../idempotency/with-idempotency-key.ts';
import type { RequestContext } from '../../request-context.ts';
import { operation } from './operation.ts';
import { IdempotencyHeaders, UserParams } from './schemas.ts';
import { userPath } from './user-path.ts';

interface CreateRequest<Body extends TObject> {
  context: RequestContext;
  owner: Owner;
  body: Static<Body>;
  /** The part of the use-case's input that the `Idempotency-Key` header is. */
  keyed: KeyedInput;
}

interface CreateRoute<Body extends TObject, Created extends { id: number }> {
  /** The last segment of the path and the OpenAPI tag. */
  collection: string;
  operationId: string;
  summary: string;
  /** The limits and effects of the creation, in Markdown. */
  description?: string;
  /** Completes "Not authorized to ...". */
  action: string;
  body: Body;
  response: TSchema;
  /** Returns the problems of a body that the schema rejects, so that the response names those too. */
  problems: (body: Static<Body>) => FieldProblem[];
  create: (request: CreateRequest<Body>) => Promise<KeyedResult<Created>>;
  toResponse: (created: Created) => object;
  etag?: (created: Created) => string;
}

/** Adds `POST /users/{id}/{collection}`, which creates an item of the user's and takes an `Idempotency-Key`. */
export function addCreateRoute<Body extends TObject, Created extends { id: number }>(
  rest: FastifyInstance,
  route: CreateRoute<Body, Created>,
): void {
  const path = `/:auth_user_id/${route.collection}`;
  const { description = '', etag } = route;
  const options = operation({
    operationId: route.operationId,
    tag: route.collection,
    summary: route.summary,
    description: `${description} With an \`Idempotency-Key\`, the request can be repeated safely.`.trim(),
    access: { action: route.action },
    problems: route.problems as (body: unknown) => FieldProblem[],
    params: UserParams,
    headers: IdempotencyHeaders,
    body: route.body as TSchema,
    success: {
      schema: route.response,
      description: 'The new item; for a repetition, the item as it was at first.',
      headers: ['Location', 'Idempotent-Replayed', ...(etag === undefined ? [] : (['ETag'] as const))],
    },
    errors: [409],
  });
  rest
    .withTypeProvider<TypeBoxTypeProvider>()
    .post(path, options, async ({ context, proof: owner, headers, ...request }, reply) => {
      const body = request.body as Static<Body>;
      const keyed = keyedInput(headers['idempotency-key'], body);
      const { result, isReplay } = await route.create({ context, owner, body, keyed });
      if (isReplay) reply.header('idempotent-replayed', 'true');
      if (etag !== undefined) reply.header('etag', etag(result));
      const location = `${userPath(owner.id)}/${route.collection}/${result.id}`;
      return reply.header('location', location).send(route.toResponse(result));
    });
}

function keyedInput(idempotencyKey: string | undefined, body: unknown): KeyedInput {
  return idempotencyKey === undefined ? {} : { idempotencyKey, requestHash: hashRequestBody(body) };
}
