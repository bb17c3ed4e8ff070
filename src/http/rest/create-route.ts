import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import type { Static, TObject, TSchema } from 'typebox';
import type { Owner } from '../../auth/viewer.ts';
import type { FieldProblem } from '../../errors.ts';
import { withIdempotencyKey } from '../../idempotency/with-idempotency-key.ts';
import type { RequestContext } from '../../request-context.ts';
import { IdempotencyHeaders, responses, UserParams } from './schemas.ts';
import { userPath } from './user-path.ts';

interface CreateRoute<Body extends TObject, Created extends { id: number }> {
  /** The last segment of the path and the OpenAPI tag. */
  collection: string;
  operationId: string;
  summary: string;
  /** Completes "Not authorized to ...". */
  action: string;
  body: Body;
  response: TSchema;
  /** Returns the problems of a body that the schema rejects, so that the response names those too. */
  problems: (body: Static<Body>) => FieldProblem[];
  create: (context: RequestContext, owner: Owner, body: Static<Body>) => Promise<Created>;
  etag?: (created: Created) => string;
}

/** Adds `POST /users/{id}/{collection}`, which creates an item of the user's and takes an `Idempotency-Key`. */
export function addCreateRoute<Body extends TObject, Created extends { id: number }>(
  rest: FastifyInstance,
  route: CreateRoute<Body, Created>,
): void {
  const path = `/:auth_user_id/${route.collection}`;
  const options = {
    config: { access: { action: route.action }, problems: route.problems as (body: unknown) => FieldProblem[] },
    schema: {
      operationId: route.operationId,
      tags: [route.collection],
      summary: route.summary,
      security: [{ bearer: [] }],
      params: UserParams,
      headers: IdempotencyHeaders,
      body: route.body as TSchema,
      response: responses(route.response, 400, 401, 403, 409, 413, 415, 422),
    },
  };
  rest
    .withTypeProvider<TypeBoxTypeProvider>()
    .post(path, options, async ({ context, owner, headers, ...request }, reply) => {
      const body = request.body as Static<Body>;
      const keyed = { key: headers['idempotency-key'], route: `POST ${path}`, body, viewer: owner };
      const { body: created, replayed } = await withIdempotencyKey(context, keyed, (keyedContext) =>
        route.create(keyedContext, owner, body),
      );
      if (replayed) reply.header('idempotent-replayed', 'true');
      if (route.etag !== undefined) reply.header('etag', route.etag(created));
      return reply.header('location', `${userPath(owner.id)}/${route.collection}/${created.id}`).send(created);
    });
}
