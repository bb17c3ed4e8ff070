import { type TSchema, Type } from 'typebox';
import { MAX_CURSOR_LENGTH } from '../../lib/cursor.ts';
import { MAX_PAGE_SIZE } from '../../lib/page.ts';
import type { TextRule } from '../../lib/text.ts';

export const JSON_TYPE = 'application/json; charset=utf-8';

/** The path parameter of a user's data. */
export const UserParams = Type.Object({
  auth_user_id: Type.String({ format: 'user-id', description: "The user's id at the auth-service" }),
});

/** A user id in a response: a JSON number where the id is a safe integer, since the ids of v1 were integers. */
export const UserIdResponse = Type.Union([Type.Integer(), Type.String()], { description: "The user's id" });

/**
 * Returns the schema of a text in a request body. Its lengths are documentation: the feature's own rule checks them, in
 * code points after normalization (see `TEXT_LENGTH_KEYWORDS` in http/server.ts).
 */
export function textSchema({ min, max }: TextRule, description?: string) {
  return Type.String({ minLength: min, maxLength: max, ...(description !== undefined && { description }) });
}

/** The query of a list. Without `limit` and `after` the response is the whole list. */
export const ListQuery = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_PAGE_SIZE, description: 'Maximum number of items' })),
    after: Type.Optional(
      Type.String({ maxLength: MAX_CURSOR_LENGTH, description: 'Return the items after this cursor' }),
    ),
    skip: Type.Optional(Type.Integer({ minimum: 0, maximum: 2_147_483_647, description: 'Number of items to skip' })),
  },
  { additionalProperties: true },
);

export const IdempotencyHeaders = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({ description: 'A repeated request with the same key gets the first response, for 24 hours' }),
  ),
});

const ErrorResponse = Type.Object({
  detail: Type.Union([
    Type.String(),
    Type.Array(
      Type.Object({
        loc: Type.Array(Type.Union([Type.String(), Type.Integer()])),
        msg: Type.String(),
        type: Type.String(),
      }),
    ),
  ]),
  code: Type.String(),
  request_id: Type.String(),
});

/** Returns the responses of a route for the OpenAPI document: the success and these error statuses, 503 included. */
export function responses<Success extends TSchema>(success: Success, ...errors: number[]): Record<number, TSchema> {
  return Object.fromEntries([[200, success], ...[...errors, 503].map((status) => [status, ErrorResponse])]);
}
