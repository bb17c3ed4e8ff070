import { Readable } from 'node:stream';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { type Static, type TSchema, Type } from 'typebox';
import type { Reader, Scope } from '../../auth/scopes.ts';
import type { UserList } from '../../db/query/user-list.ts';
import { type CursorKey, encodeCursor } from '../../lib/cursor.ts';
import { LARGE_BYTES, releaseWhenWritten, requireBuffer } from '../../lib/large-response.ts';
import { MAX_PAGE_SIZE, type Page } from '../../lib/page.ts';
import { CHUNKS_PER_STREAM, inPieces } from '../../lib/response-pieces.ts';
import type { RequestContext } from '../../request-context.ts';
import { operation } from './operation.ts';
import { JSON_TYPE, listQuery, pageQuery, UserParams } from './schemas.ts';
import { userPath } from './user-path.ts';

/** The description of a list and of its items. */
interface ListDescription<Row> {
  /** The last segment of the path and the OpenAPI tag. */
  collection: string;
  operationId: string;
  summary: string;
  /** The schema of an item. */
  item: TSchema;
  toResponse: (row: Row) => object;
}

interface ListRoute<Row> extends ListDescription<Row> {
  list: UserList<Row>;
  /** Adds to the rows of a page the values that other queries give. */
  addValues?: (context: RequestContext, rows: Row[]) => Promise<Row[]>;
}

interface PrivateListRoute<Row, Granted extends Scope> extends ListDescription<Row> {
  /** The scope that shows the lists of all users. */
  scope: Granted;
  /** The number of items without `limit`. */
  pageSize: number;
  cursorKey: (row: Row) => CursorKey;
  view: (
    context: RequestContext,
    reader: Reader<Granted>,
    args: { first: number; after: string | undefined },
  ) => Promise<Page<Row>>;
}

interface ListRequest {
  context: RequestContext;
  userId: string;
  query: Static<ReturnType<typeof listQuery>>;
  /** Whether the response has no body, so that the rest of a long list need not be read. */
  isHead: boolean;
}

/**
 * Adds `GET /users/{id}/{collection}`, a public list as a bare array. It is the whole list, or one page with a `Link`
 * to the next when the query asks for one.
 */
export function addListRoute<Row>(rest: FastifyInstance, route: ListRoute<Row>): void {
  const options = operation({ ...describeList(route, 'the whole list'), querystring: listQuery(), access: 'public' });
  rest
    .withTypeProvider<TypeBoxTypeProvider>()
    .get(`/:auth_user_id/${route.collection}`, options, async ({ context, params, query, method }, reply) => {
      const request = { context, userId: params.auth_user_id, query, isHead: method === 'HEAD' };
      const isPage = query.limit !== undefined || query.after !== undefined;
      return sendList(reply, await (isPage ? readPage(route, request) : readWhole(route, request)));
    });
}

/**
 * Adds `GET /users/{id}/{collection}`, a private list as a bare array: one page with a `Link` to the next. The list can
 * have any length, so it has no `skip`, which reads the items that it leaves out.
 */
export function addPrivateListRoute<Row, Granted extends Scope>(
  rest: FastifyInstance,
  route: PrivateListRoute<Row, Granted>,
): void {
  const { collection, scope, pageSize, view } = route;
  const querystring = pageQuery(String(pageSize));
  const described = describeList(route, `a page of ${pageSize} items`);
  const options = operation({ ...described, querystring, access: { private: scope } });
  rest
    .withTypeProvider<TypeBoxTypeProvider>()
    .get(`/:auth_user_id/${collection}`, options, async ({ context, proof: reader, query }, reply) => {
      const { limit = pageSize, after } = query;
      const page = await view(context, reader, { first: limit, after });
      const items = page.nodes.map(route.toResponse);
      return sendList(reply, await pageResponse(context, items, nextLink(page, { ...route, limit })));
    });
}

function describeList(route: ListDescription<never>, defaultItems: string) {
  return {
    operationId: route.operationId,
    tag: route.collection,
    summary: route.summary,
    description: `The list is ordered by time, newest first. By default the response is ${defaultItems}; \`limit\` and \`after\` choose a page of at most ${MAX_PAGE_SIZE}. New items do not move the pages after a cursor.`,
    params: UserParams,
    success: {
      schema: Type.Array(route.item),
      description: 'The items of the user; empty for an unknown user.',
      headers: ['Link'],
    },
  } as const;
}

interface ListResponse {
  body: string | Readable;
  /** The `Link` to the next page. */
  link?: string | undefined;
  /** Releases the buffer space of a large body. */
  release?: (() => void) | undefined;
}

function sendList(reply: FastifyReply, { body, link, release }: ListResponse): FastifyReply {
  if (link !== undefined) reply.header('link', link);
  releaseWhenWritten(release);
  return reply.type(JSON_TYPE).send(body);
}

async function readPage<Row>(route: ListRoute<Row>, { context, userId, query }: ListRequest): Promise<ListResponse> {
  const { limit = MAX_PAGE_SIZE, after, skip: offset = 0 } = query;
  const page = await route.list.page(context.db, userId, { first: limit, after, offset });
  const items = await toItems(route, context, page.nodes);
  const { cursorKey } = route.list;
  return pageResponse(context, items, nextLink(page, { ...route, cursorKey, limit }));
}

async function pageResponse(context: RequestContext, items: object[], link: string | undefined): Promise<ListResponse> {
  const body = JSON.stringify(items);
  return { body, link, release: await requireBuffer(context, Buffer.byteLength(body)) };
}

interface Link<Row> {
  collection: string;
  cursorKey: (row: Row) => CursorKey;
  limit: number;
}

function nextLink<Row>({ userId, nodes, hasNextPage }: Page<Row>, { collection, cursorKey, limit }: Link<Row>) {
  const last = nodes.at(-1);
  if (!hasNextPage || last === undefined) return undefined;
  return `<${userPath(userId)}/${collection}?limit=${limit}&after=${encodeCursor(cursorKey(last))}>; rel="next"`;
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
