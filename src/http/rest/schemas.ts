import { type Static, type TSchema, Type } from 'typebox';
import { encodeCursor, MAX_CURSOR_LENGTH } from '../../lib/cursor.ts';
import { MAX_PAGE_SIZE } from '../../lib/page.ts';
import type { TextRule } from '../../lib/text.ts';

export const JSON_TYPE = 'application/json; charset=utf-8';

/** For examples in the documentation. */
export const EXAMPLE_CURSOR = encodeCursor({ at: '2026-11-23T20:48:05.907Z', id: 7 });

/** The path parameter of a user's data. */
export const UserParams = Type.Object({
  auth_user_id: Type.String({
    format: 'user-id',
    description:
      'The id of a user at the auth-service: 1 to 128 characters of A-Z, a-z, 0-9 and `._~:|@+-`, a letter or digit first, and not `me` or `activities`.',
    examples: ['ada'],
  }),
});

/** A user id in a response: a JSON number where the id is a safe integer, since the ids of v1 were integers. */
export const UserIdResponse = Type.Union([Type.Integer(), Type.String()], {
  description: "The user's id: a number if the id is an integer of at most 2^53 - 1.",
  examples: ['ada'],
});

/** Returns the schema of an id of this service. */
export function idSchema(description: string, example: number) {
  return Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, description, examples: [example] });
}

/** Returns the schema of a time in a response. */
export function instantSchema(description: string, example: string) {
  return Type.String({ format: 'date-time', description, examples: [example] });
}

/** Returns the schema of a count in a response. */
export function countSchema(description: string, example: number) {
  return Type.Integer({ minimum: 0, description, examples: [example] });
}

/** Returns the schema of a value that may be null. */
export function nullable<Schema extends TSchema & { type: string }>(schema: Schema) {
  return Type.Unsafe<Static<Schema> | null>({ ...schema, type: [schema.type, 'null'] });
}

/**
 * Returns the schema of a text in a request body. Its lengths are documentation: the feature's own rule checks them, in
 * code points after normalization (see `TEXT_LENGTH_KEYWORDS` in http/server.ts).
 */
export function textSchema({ min, max }: TextRule, options: { description?: string; examples?: string[] } = {}) {
  return Type.String({ minLength: min, maxLength: max, ...options });
}

/**
 * Returns the query of a list of pages. Optional parameters have no examples, because Swagger UI would send them.
 * @param defaultLimit the number of items without `limit`, in words
 */
export function pageQuery(defaultLimit: string) {
  return Type.Object(
    {
      limit: Type.Optional(
        Type.Integer({
          minimum: 1,
          maximum: MAX_PAGE_SIZE,
          description: `The maximum number of items of a page; by default ${defaultLimit}.`,
        }),
      ),
      after: Type.Optional(
        Type.String({
          maxLength: MAX_CURSOR_LENGTH,
          description:
            'The cursor after which the page begins, from the `Link` of the page before. Cursors are opaque.',
        }),
      ),
    },
    { additionalProperties: true },
  );
}

/** Returns the query of a list of v1, whose response is by default the whole list. */
export function listQuery() {
  const skip = Type.Integer({
    minimum: 0,
    maximum: 2_147_483_647,
    description: 'The number of items to leave out at the start; 0 by default.',
  });
  const { properties } = pageQuery(`${MAX_PAGE_SIZE} with \`after\`, and the whole list otherwise`);
  return Type.Object({ ...properties, skip: Type.Optional(skip) }, { additionalProperties: true });
}

export const IfNoneMatchHeaders = Type.Object({
  'if-none-match': Type.Optional(Type.String({ description: 'The `ETag`s of the responses that the client has.' })),
});

export const IdempotencyHeaders = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      description:
        'A key of the client: 1 to 255 printable ASCII characters without spaces. For 24 hours, a request of the user with the same key and content gets the first response and creates nothing.',
    }),
  ),
});
