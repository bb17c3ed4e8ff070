import { encodeCursor, type Position } from './cursor.ts';

/** The most that a page may hold. */
export const MAX_PAGE = 500;

/** A stretch of one person's list, newest first. */
export interface Page<Row> {
  userId: string;
  nodes: Row[];
  hasNextPage: boolean;
  hasPreviousPage: boolean;
}

export interface PageInfo {
  hasNextPage: boolean;
  hasPreviousPage: boolean;
  startCursor: string | null;
  endCursor: string | null;
}

/** Relay's PageInfo of a page whose rows stand at `positionOf(row)`. */
export function pageInfo<Row>(page: Page<Row>, positionOf: (row: Row) => Position): PageInfo {
  const cursorAt = (index: number): string | null => {
    const row = page.nodes.at(index);
    return row === undefined ? null : encodeCursor(positionOf(row));
  };
  return {
    hasNextPage: page.hasNextPage,
    hasPreviousPage: page.hasPreviousPage,
    startCursor: cursorAt(0),
    endCursor: cursorAt(-1),
  };
}

/** Relay's edges of a page. */
export function pageEdges<Row>(page: Page<Row>, positionOf: (row: Row) => Position): { cursor: string; node: Row }[] {
  return page.nodes.map((node) => ({ cursor: encodeCursor(positionOf(node)), node }));
}

/** The page that a window shows, from its rows and, where there is one, the row after it. */
export function toPage<Row>(
  userId: string,
  rows: Row[],
  window: { limit: number; after: Position | undefined },
): Page<Row> {
  return {
    userId,
    nodes: rows.slice(0, window.limit),
    hasNextPage: rows.length > window.limit,
    hasPreviousPage: window.after !== undefined,
  };
}

/** A whole list. */
export interface WholeList<Row> {
  first: Row[];
  /** What follows, page after page; absent where the first page is all there is. */
  rest: AsyncIterable<Row[]> | undefined;
}

interface Walk<Row> {
  size: number;
  offset: number;
  positionOf: (row: Row) => Position;
  fetch: (window: { limit: number; offset: number; after: Position | undefined }) => Promise<Row[]>;
}

/** A whole list, page after page, so that memory stays bounded however long it is; rows inserted meanwhile shift nothing. */
export async function pageAfterPage<Row>(walk: Walk<Row>): Promise<WholeList<Row>> {
  const first = await walk.fetch({ limit: walk.size, offset: walk.offset, after: undefined });
  return { first, rest: first.length < walk.size ? undefined : pagesAfter(first, walk) };
}

async function* pagesAfter<Row>(page: Row[], { size, positionOf, fetch }: Walk<Row>): AsyncGenerator<Row[]> {
  let rows = page;
  while (rows.length === size) {
    rows = await fetch({ limit: size, offset: 0, after: positionOf(rows[size - 1] as Row) });
    yield rows;
  }
}
