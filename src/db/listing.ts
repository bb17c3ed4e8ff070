import type { Subquery } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import type { Db } from './client.ts';
import { sql } from './drizzle.ts';
import { gathered } from './gather.ts';
import type { RowOf, Selection } from './row-reader.ts';
import { statement, textArray } from './statement.ts';

/** The person whose rows a listing's window selects. */
export const personId = sql`person.id`;

/** The people of a batch, from the placeholder `userIds`, and the place that each has in it. */
const people = sql`unnest(${sql.placeholder('userIds')}::text[]) with ordinality as person(id, place)`;
const place = sql<number>`person.place`.mapWith(Number);

type OwnedRows = Selection & { userId: PgColumn };
/** A select of the columns, named by drizzle's `as`. */
type Window = Subquery<string, Record<string, PgColumn>>;

/**
 * A window of rows for each of many people, in their order, by one statement whatever their number. `build` selects those
 * of one person, `personId`, in order and within limits.
 * @param columns what `build` selects, in the same order
 */
export function listing<Columns extends OwnedRows>(columns: Columns, build: (db: Db) => Window) {
  // Rows come with their person's place, which is shorter than the id, and read faster.
  const run = statement({ ...columns, userId: place }, (db) => {
    const window = build(db);
    return db
      .select({ ...window._.selectedFields, userId: place })
      .from(people)
      .crossJoinLateral(window);
  });
  return gathered(async (db: Db, userIds: readonly string[], values): Promise<RowOf<Columns>[][]> => {
    const rows = await run(db, { ...values, userIds: textArray(userIds) });
    return listByPerson(rows as unknown as PlacedRow[], userIds) as unknown as RowOf<Columns>[][];
  });
}

interface PlacedRow {
  /** At first their place in the batch, from 1. */
  userId: string | number;
}

/** Gives the rows their person's id. */
function listByPerson(rows: readonly PlacedRow[], userIds: readonly string[]): PlacedRow[][] {
  const lists = userIds.map((): PlacedRow[] => []);
  for (const row of rows) {
    const at = Number(row.userId) - 1;
    row.userId = userIds[at] as string;
    (lists[at] as PlacedRow[]).push(row);
  }
  return lists;
}
