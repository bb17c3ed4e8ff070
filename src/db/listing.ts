import type { Subquery } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import type { Db } from './client.ts';
import { sql } from './drizzle.ts';
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
 * A window of rows for each of many people, in one statement whatever their number. `build` selects those of one person,
 * `personId`, in order and within limits.
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
  /** People without rows are absent. */
  return async (
    db: Db,
    userIds: readonly string[],
    values: Record<string, unknown>,
  ): Promise<Map<string, RowOf<Columns>[]>> => {
    const rows = await run(db, { ...values, userIds: textArray(userIds) });
    return groupByPerson(rows as unknown as PlacedRow[], userIds) as Map<string, RowOf<Columns>[]>;
  };
}

interface PlacedRow {
  /** At first its place in the batch, from 1. */
  userId: string | number;
}

/** Gives the rows, which come person by person, their person's id. */
function groupByPerson(rows: readonly PlacedRow[], userIds: readonly string[]): Map<string, PlacedRow[]> {
  const people = new Map<string, PlacedRow[]>();
  let latest: string | number = 0;
  let id = '';
  let owned: PlacedRow[] = [];
  for (const row of rows) {
    if (row.userId !== latest) {
      latest = row.userId;
      id = userIds[Number(latest) - 1] as string;
      owned = people.get(id) ?? [];
      people.set(id, owned);
    }
    row.userId = id;
    owned.push(row);
  }
  return people;
}
