import { Readable } from 'node:stream';
import { type Static, type TSchema, Type } from 'typebox';
import { encodeCursor, type Position } from './cursor.ts';
import { MAX_PAGE, type Page, type WholeList } from './page.ts';

export const JSON_TYPE = 'application/json; charset=utf-8';

/** The person in a path. */
export const UserParams = Type.Object({
  auth_user_id: Type.String({ format: 'user-id', description: "The auth-service's id of the person" }),
});

/** As the wire has it: a JSON number when it is one that JavaScript holds exactly, for the first auth-service used integers. */
export const WireUserId = Type.Union([Type.Integer(), Type.String()], { description: "The owner's id" });

export function wireUserId(id: string): number | string {
  const number = /^[1-9][0-9]{0,15}$/.test(id) ? Number(id) : Number.NaN;
  return Number.isSafeInteger(number) ? number : id;
}

/** Without any of these a list is whole. */
export const ListQuery = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, description: 'How many at the most' })),
    after: Type.Optional(Type.String({ maxLength: 200, description: 'Only what follows this cursor' })),
    skip: Type.Optional(Type.Integer({ minimum: 0, maximum: 2_147_483_647, description: 'How many to leave out' })),
  },
  { additionalProperties: true },
);

/** Answers that every route can give. */
export const ErrorAnswer = Type.Object({
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

/** The success and the errors that a route answers with, for the OpenAPI document. */
export function answers<Success extends TSchema>(success: Success, ...errors: number[]): Record<number, TSchema> {
  return Object.fromEntries([[200, success], ...[...errors, 503].map((status) => [status, ErrorAnswer])]);
}

export const IdempotencyHeaders = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({ description: 'Makes a repeated request answer as the first did, for 24 hours' }),
  ),
});

interface ListSource<Row> {
  /** The address of the list without its query. */
  path: string;
  query: Static<typeof ListQuery>;
  all: (offset: number) => Promise<WholeList<Row>>;
  page: (args: { first: number; after: string | undefined; offset: number }) => Promise<Page<Row>>;
  positionOf: (row: Row) => Position;
  present: (row: Row) => object;
}

export interface ListAnswer {
  /** A `Link` to the next page, where there is one. */
  link?: string;
  /** JSON text, whole or in pieces. */
  body: string | Readable;
}

/** A bare array: the whole list, or one page of it and the way to the next when the query asks for a page. */
export async function answerList<Row>(list: ListSource<Row>): Promise<ListAnswer> {
  const { limit, after, skip = 0 } = list.query;
  if (limit === undefined && after === undefined) return { body: await wholeList(list, skip) };
  const size = limit ?? MAX_PAGE;
  const { nodes, hasNextPage } = await list.page({ first: size, after, offset: skip });
  const last = nodes.at(-1);
  return {
    ...(hasNextPage && last !== undefined && { link: nextLink(list, size, last) }),
    body: JSON.stringify(nodes.map(list.present)),
  };
}

/** Short lists as one text; longer ones as they come, once the first page has shown that they can be had at all. */
async function wholeList<Row>(list: ListSource<Row>, skip: number): Promise<string | Readable> {
  const { first, rest } = await list.all(skip);
  return rest === undefined
    ? JSON.stringify(first.map(list.present))
    : Readable.from(jsonPieces(first, rest, list.present));
}

async function* jsonPieces<Row>(
  first: Row[],
  rest: AsyncIterable<Row[]>,
  present: (row: Row) => object,
): AsyncGenerator<string> {
  yield `[${JSON.stringify(first.map(present)).slice(1, -1)}`;
  for await (const rows of rest) {
    if (rows.length > 0) yield `,${JSON.stringify(rows.map(present)).slice(1, -1)}`;
  }
  yield ']';
}

function nextLink<Row>(list: ListSource<Row>, limit: number, last: Row): string {
  return `<${list.path}?limit=${limit}&after=${encodeCursor(list.positionOf(last))}>; rel="next"`;
}
