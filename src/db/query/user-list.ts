import type { CursorKey } from '../../lib/cursor.ts';
import {
  type Filter,
  MAX_PAGE_SIZE,
  type Page,
  type PageRequest,
  type PaginatedList,
  paginateAll,
  toPage,
  withLookahead,
} from '../../lib/page.ts';
import type { Db } from '../client.ts';
import type { ListPerUser } from './list-per-user.ts';
import { type PageArgs, readPageArgs } from './page-request.ts';

/** One user's list, newest first; empty for a user without rows. */
export interface UserList<Row> {
  cursorKey: (row: Row) => CursorKey;
  /**
   * Returns one page, of 500 rows unless `first` says otherwise.
   * @throws BAD_USER_INPUT
   */
  page(db: Db, userId: string, args: PageArgs): Promise<Page<Row>>;
  /** Returns all rows after the first `offset` ones, page by page. */
  all(db: Db, userId: string, offset?: number): Promise<PaginatedList<Row>>;
}

/** Creates the reads of one user's list from the query for many users. */
export function userList<Row>(
  list: ListPerUser<Row>,
  { cursorKey, filter }: { cursorKey: (row: Row) => CursorKey; filter?: Filter },
): UserList<Row> {
  const fetch = async (db: Db, userId: string, page: PageRequest): Promise<Row[]> => {
    const [rows = []] = await list(db, [userId], page);
    return rows;
  };
  return {
    cursorKey,
    async page(db, userId, args) {
      const page = { ...readPageArgs(args, MAX_PAGE_SIZE), filter };
      return toPage(userId, await fetch(db, userId, withLookahead(page)), page);
    },
    all: (db, userId, offset = 0) =>
      paginateAll({ offset, filter, cursorKey, fetch: (page) => fetch(db, userId, page) }),
  };
}
