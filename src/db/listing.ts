import type { Subquery } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import type { Db } from './client.ts';
import { sql } from './drizzle.ts';
import type { RowOf, Selection } from './row-reader.ts';
import { statement, textArray } from './statement.ts';

/** The person whose rows a listing's window selects. */
export const personId = sql`person.id`;

/** The people of a batch, from the placeholder `userIds`. */
const people = sql`unnest(${sql.placeholder('userIds')}::text[]) as person(id)`;

type OwnedRows = Selection & { userId: PgColumn };
/** A select of the columns, named by drizzle's `as`. */
type Window = Subquery<string, Record<string, PgColumn>>;

/**
 * A window of rows for each of many people, in one statement whatever their number. `build` selects those of one person,
 * `personId`, in order and within limits.
 * @param columns what `build` selects, in the same order
 */
export function listing<Columns extends OwnedRows>(columns: Columns, build: (db: Db) => Window) {
  const run = statement(columns, (db) => {
    const window = build(db);
    return db.select(window._.selectedFields).from(people).crossJoinLateral(window);
  });
  /** People without rows are absent. */
  return async (
    db: Db,
    userIds: readonly string[],
    values: Record<string, unknown>,
  ): Promise<Map<string, RowOf<Columns>[]>> => {
    const rows = await run(db, { ...values, userIds: textArray(userIds) });
    return groupByPerson(rows as (RowOf<Columns> & { userId: string })[]);
  };
}

/** As `Map.groupBy` would, knowing that the rows of a person come one after the other. */
function groupByPerson<Row extends { userId: string }>(rows: readonly Row[]): Map<string, Row[]> {
  const people = new Map<string, Row[]>();
  let owner: string | undefined;
  let owned: Row[] = [];
  for (const row of rows) {
    if (row.userId !== owner) {
      owner = row.userId;
      owned = people.get(owner) ?? [];
      people.set(owner, owned);
    }
    owned.push(row);
  }
  return people;
}
