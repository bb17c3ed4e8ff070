import { type CursorKey, encodeCursor } from './cursor.ts';

/** The maximum number of rows in a page. */
export const MAX_PAGE_SIZE = 500;

/** Items of a list field without `first`. */
export const DEFAULT_LIST_SIZE = 100;

/** A page of one user's list, newest first. */
export interface Page<Row> {
  userId: string;
  filter: Filter | undefined;
  nodes: Row[];
  hasNextPage: boolean;
  hasPreviousPage: boolean;
}

/** The values of a list's filter, by the names that its query has for them. */
export type Filter = Readonly<Record<string, string>>;

/** A page as a query needs it. */
export interface PageRequest {
  limit: number;
  offset: number;
  after: CursorKey | undefined;
  filter?: Filter | undefined;
}

/** Relay's PageInfo. */
interface PageInfo {
  hasNextPage: boolean;
  hasPreviousPage: boolean;
  startCursor: string | null;
  endCursor: string | null;
}

/** Returns Relay's PageInfo of a page. */
export function pageInfo<Row>(page: Page<Row>, cursorKey: (row: Row) => CursorKey): PageInfo {
  const cursorAt = (index: number): string | null => {
    const row = page.nodes.at(index);
    return row === undefined ? null : encodeCursor(cursorKey(row));
  };
  return {
    hasNextPage: page.hasNextPage,
    hasPreviousPage: page.hasPreviousPage,
    startCursor: cursorAt(0),
    endCursor: cursorAt(-1),
  };
}

/** Returns Relay's edges of a page. */
export function pageEdges<Row>(page: Page<Row>, cursorKey: (row: Row) => CursorKey): { cursor: string; node: Row }[] {
  return page.nodes.map((node) => ({ cursor: encodeCursor(cursorKey(node)), node }));
}

/** Returns the page request for one more row, whose presence tells whether there is a next page. */
export function withLookahead(request: PageRequest): PageRequest {
  return { ...request, limit: request.limit + 1 };
}

/** Returns the page from the rows of a request `withLookahead`. */
export function toPage<Row>(userId: string, rows: Row[], { limit, after, filter }: PageRequest): Page<Row> {
  return {
    userId,
    filter,
    nodes: rows.slice(0, limit),
    hasNextPage: rows.length > limit,
    hasPreviousPage: after !== undefined,
  };
}

/** A whole list, page by page. */
export interface PaginatedList<Row> {
  firstPage: Row[];
  /** The pages that follow; absent when the first page holds the whole list. */
  nextPages: AsyncIterable<Row[]> | undefined;
}

interface Pagination<Row> {
  offset: number;
  filter?: Filter | undefined;
  cursorKey: (row: Row) => CursorKey;
  fetch: (request: PageRequest) => Promise<Row[]>;
}

/** Fetches a whole list page by page, so that memory stays bounded. Rows inserted meanwhile do not shift the pages. */
export async function paginateAll<Row>(pagination: Pagination<Row>): Promise<PaginatedList<Row>> {
  const { fetch, offset, filter } = pagination;
  const firstPage = await fetch({ limit: MAX_PAGE_SIZE, offset, after: undefined, filter });
  const after = keyAfter(firstPage, pagination);
  return { firstPage, nextPages: after === undefined ? undefined : pagesAfter(after, pagination) };
}

/** Returns the pages after a key. A generator would hold the rows of a page until the next one. */
function pagesAfter<Row>(key: CursorKey, pagination: Pagination<Row>): AsyncIterable<Row[]> {
  const { fetch, filter } = pagination;
  let after: CursorKey | undefined = key;
  const next = async (): Promise<IteratorResult<Row[], undefined>> => {
    if (after === undefined) return { done: true, value: undefined };
    const rows = await fetch({ limit: MAX_PAGE_SIZE, offset: 0, after, filter });
    after = keyAfter(rows, pagination);
    return { done: false, value: rows };
  };
  return { [Symbol.asyncIterator]: () => ({ next }) };
}

/** Returns the key of the next page; undefined after the last page. */
function keyAfter<Row>(rows: Row[], { cursorKey }: Pagination<Row>): CursorKey | undefined {
  return rows.length < MAX_PAGE_SIZE ? undefined : cursorKey(rows[MAX_PAGE_SIZE - 1] as Row);
}
