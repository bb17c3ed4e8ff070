import { Readable } from 'node:stream';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { type Static, type TSchema, Type } from 'typebox';
import type { UserList } from '../../db/query/user-list.ts';
import { encodeCursor } from '../../lib/cursor.ts';
import { MAX_PAGE_SIZE } from '../../lib/page.ts';
import type { RequestContext } from '../../request-context.ts';
import { JSON_TYPE, ListQuery, responses, UserParams } from './schemas.ts';
import { userPath } from './user-path.ts';

interface ListRoute<Row> {
  /** The last segment of the path and the OpenAPI tag. */
  collection: string;
  operationId: string;
  summary: string;
  /** The schema of an item. */
  item: TSchema;
  list: UserList<Row>;
  toResponse: (row: Row) => object;
}

interface ListRequest {
  context: RequestContext;
  userId: string;
  query: Static<typeof ListQuery>;
  /** Whether the response has no body, so that the rest of a long list need not be read. */
  isHead: boolean;
}

/**
 * Adds `GET /users/{id}/{collection}`, a public list as a bare array: the whole list, or one page with a `Link` to the
 * next when the query asks for a page.
 */
export function addListRoute<Row>(rest: FastifyInstance, route: ListRoute<Row>): void {
  const options = {
    config: { access: 'public' },
    schema: {
      operationId: route.operationId,
      tags: [route.collection],
      summary: route.summary,
      params: UserParams,
      querystring: ListQuery,
      response: responses(Type.Array(route.item), 422),
    },
  } as const;
  rest
    .withTypeProvider<TypeBoxTypeProvider>()
    .get(`/:auth_user_id/${route.collection}`, options, async ({ context, params, query, method }, reply) => {
      const request = { context, userId: params.auth_user_id, query, isHead: method === 'HEAD' };
      const isPage = query.limit !== undefined || query.after !== undefined;
      const { body, link } = isPage ? await readPage(route, request) : await readWhole(route, request);
      if (link !== undefined) reply.header('link', link);
      return reply.type(JSON_TYPE).send(body);
    });
}

interface ListResponse {
  body: string | Readable;
  /** The `Link` to the next page. */
  link?: string;
}

async function readPage<Row>(route: ListRoute<Row>, { context, userId, query }: ListRequest): Promise<ListResponse> {
  const { limit = MAX_PAGE_SIZE, after, skip = 0 } = query;
  const { nodes, hasNextPage } = await route.list.page(context.db, userId, { first: limit, after, offset: skip });
  const body = JSON.stringify(nodes.map(route.toResponse));
  const last = nodes.at(-1);
  if (!hasNextPage || last === undefined) return { body };
  const cursor = encodeCursor(route.list.cursorKey(last));
  return { body, link: `<${userPath(userId)}/${route.collection}?limit=${limit}&after=${cursor}>; rel="next"` };
}

/** Returns a short list as one text and streams a longer one, after its first page, so that memory stays bounded. */
async function readWhole<Row>(route: ListRoute<Row>, request: ListRequest): Promise<ListResponse> {
  const { list, toResponse } = route;
  const { context, userId, query, isHead } = request;
  const { firstPage, nextPages } = await list.all(context.db, userId, query.skip);
  if (nextPages === undefined) return { body: JSON.stringify(firstPage.map(toResponse)) };
  return { body: Readable.from(isHead ? [] : jsonChunks(firstPage.map(toResponse), nextPages, toResponse)) };
}

/** Returns the chunks of a JSON array. Unlike a generator, the iterator holds no rows while the client reads. */
function jsonChunks<Row>(
  firstPage: object[],
  nextPages: AsyncIterable<Row[]>,
  toResponse: (row: Row) => object,
): AsyncIterable<Buffer> {
  const pages = nextPages[Symbol.asyncIterator]();
  let first: string | undefined = JSON.stringify(firstPage).slice(0, -1);
  let isComplete = false;

  async function nextText(): Promise<string> {
    if (first !== undefined) {
      const text = first;
      first = undefined;
      return text;
    }
    const { value: rows = [] } = await pages.next();
    isComplete = rows.length === 0;
    return isComplete ? ']' : `,${JSON.stringify(rows.map(toResponse)).slice(1, -1)}`;
  }

  const next = async (): Promise<IteratorResult<Buffer, undefined>> =>
    isComplete ? { done: true, value: undefined } : { done: false, value: Buffer.from(await nextText()) };
  return { [Symbol.asyncIterator]: () => ({ next }) };
}
