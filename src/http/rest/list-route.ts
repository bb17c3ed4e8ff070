import { Readable } from 'node:stream';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { type Static, type TSchema, Type } from 'typebox';
import type { UserList } from '../../db/query/user-list.ts';
import { encodeCursor } from '../../lib/cursor.ts';
import { LARGE_BYTES, releaseWhenWritten, requireBuffer } from '../../lib/large-response.ts';
import { MAX_PAGE_SIZE } from '../../lib/page.ts';
import { CHUNKS_PER_STREAM, inPieces } from '../../lib/response-pieces.ts';
import type { RequestContext } from '../../request-context.ts';
import type { Access } from './access.ts';
import { operation } from './operation.ts';
import { JSON_TYPE, listQuery, pageQuery, UserParams } from './schemas.ts';
import { userPath } from './user-path.ts';

interface ListRoute<Row> {
  /** The last segment of the path and the OpenAPI tag. */
  collection: string;
  operationId: string;
  summary: string;
  /** The schema of an item. */
  item: TSchema;
  list: UserList<Row>;
  /** Adds to the rows of a page the values that other queries give. */
  addValues?: (context: RequestContext, rows: Row[]) => Promise<Row[]>;
  toResponse: (row: Row) => object;
  /** `public` by default. */
  access?: Access;
  /**
   * The number of items without `limit`; by default the response is then the whole list. A list with a page size can
   * have any length, so it has no `skip`, which reads the items that it leaves out.
   */
  pageSize?: number;
}

interface ListRequest {
  context: RequestContext;
  userId: string;
  query: Static<ReturnType<typeof listQuery>>;
  /** Whether the response has no body, so that the rest of a long list need not be read. */
  isHead: boolean;
}

/**
 * Adds `GET /users/{id}/{collection}`, a list as a bare array. It is the whole list, or one page with a `Link` to the
 * next. A page is the response when the query asks for one or the route has a page size.
 */
export function addListRoute<Row>(rest: FastifyInstance, route: ListRoute<Row>): void {
  const { access = 'public', pageSize, collection } = route;
  const defaultItems = pageSize === undefined ? 'the whole list' : `a page of ${pageSize} items`;
  const options = operation({
    operationId: route.operationId,
    tag: collection,
    summary: route.summary,
    description: `The list is ordered by time, newest first. By default the response is ${defaultItems}; \`limit\` and \`after\` choose a page of at most ${MAX_PAGE_SIZE}. New items do not move the pages after a cursor.`,
    access,
    params: UserParams,
    querystring: pageSize === undefined ? listQuery(defaultItems) : pageQuery(defaultItems),
    success: {
      schema: Type.Array(route.item),
      description: 'The items of the user; empty for an unknown user.',
      headers: ['Link'],
    },
  });
  rest
    .withTypeProvider<TypeBoxTypeProvider>()
    .get(`/:auth_user_id/${collection}`, options, async ({ context, params, query, method }, reply) => {
      const request = { context, userId: params.auth_user_id, query, isHead: method === 'HEAD' };
      const isPage = query.limit !== undefined || query.after !== undefined || pageSize !== undefined;
      const { body, link, release } = isPage ? await readPage(route, request) : await readWhole(route, request);
      if (link !== undefined) reply.header('link', link);
      releaseWhenWritten(release);
      return reply.type(JSON_TYPE).send(body);
    });
}

interface ListResponse {
  body: string | Readable;
  /** The `Link` to the next page. */
  link?: string;
  /** Releases the buffer space of a large body. */
  release?: (() => void) | undefined;
}

async function readPage<Row>(route: ListRoute<Row>, { context, userId, query }: ListRequest): Promise<ListResponse> {
  const { limit = route.pageSize ?? MAX_PAGE_SIZE, after, skip = 0 } = query;
  const offset = route.pageSize === undefined ? skip : 0;
  const { nodes, hasNextPage } = await route.list.page(context.db, userId, { first: limit, after, offset });
  const body = JSON.stringify(await toItems(route, context, nodes));
  const release = await requireBuffer(context, Buffer.byteLength(body));
  const last = nodes.at(-1);
  if (!hasNextPage || last === undefined) return { body, release };
  const cursor = encodeCursor(route.list.cursorKey(last));
  return {
    body,
    release,
    link: `<${userPath(userId)}/${route.collection}?limit=${limit}&after=${cursor}>; rel="next"`,
  };
}

/** Returns a short list as one text and streams a longer one, after its first page, so that memory stays bounded. */
async function readWhole<Row>(route: ListRoute<Row>, request: ListRequest): Promise<ListResponse> {
  const { context, userId, query, isHead } = request;
  const { firstPage, nextPages } = await route.list.all(context.db, userId, query.skip);
  if (nextPages !== undefined && isHead) return { body: Readable.from([]) };
  const text = JSON.stringify(await toItems(route, context, firstPage));
  if (nextPages === undefined) return { body: text, release: await requireBuffer(context, Buffer.byteLength(text)) };
  const release = await requireBuffer(context, Buffer.byteLength(text) * CHUNKS_PER_STREAM);
  const chunks = jsonChunks(text, { pages: nextPages, itemsOf: (rows) => toItems(route, context, rows), context });
  return { body: Readable.from(inPieces(chunks)), release };
}

async function toItems<Row>(route: ListRoute<Row>, context: RequestContext, rows: Row[]): Promise<object[]> {
  const { addValues, toResponse } = route;
  return (addValues === undefined ? rows : await addValues(context, rows)).map(toResponse);
}

interface NextPages<Row> {
  pages: AsyncIterable<Row[]>;
  itemsOf: (rows: Row[]) => Promise<object[]>;
  context: RequestContext;
}

/** Returns the chunks of a JSON array. Unlike a generator, the iterator holds no rows while the client reads. */
function jsonChunks<Row>(firstPage: string, { pages, itemsOf, context }: NextPages<Row>): AsyncIterable<Buffer> {
  const nextPages = pages[Symbol.asyncIterator]();
  let first: string | undefined = firstPage.slice(0, -1);
  let pageBytes = 0;
  let isComplete = false;

  async function nextRows(): Promise<Row[]> {
    const bytes = pageBytes * CHUNKS_PER_STREAM;
    const release = bytes > LARGE_BYTES ? await context.reserveBuffer(bytes, 'list') : undefined;
    const { value = [] } = await nextPages.next();
    release?.();
    return value;
  }

  async function nextText(): Promise<string> {
    if (first !== undefined) {
      const text = first;
      first = undefined;
      return text;
    }
    const rows = await nextRows();
    isComplete = rows.length === 0;
    return isComplete ? ']' : `,${JSON.stringify(await itemsOf(rows)).slice(1, -1)}`;
  }

  const next = async (): Promise<IteratorResult<Buffer, undefined>> => {
    if (isComplete) return { done: true, value: undefined };
    const value = Buffer.from(await nextText());
    pageBytes = value.length;
    return { done: false, value };
  };
  return { [Symbol.asyncIterator]: () => ({ next }) };
}
