import type { Db } from './client.ts';
import { sql } from './drizzle.ts';

/**
 * A statement that is built once for each pool (and once for each transaction that uses it) and that PostgreSQL
 * prepares once for each connection.
 */
export function statement<Prepared>(build: (db: Db) => Prepared): (db: Db) => Prepared {
  const built = new WeakMap<Db, Prepared>();
  return (db) => {
    let prepared = built.get(db);
    if (prepared === undefined) {
      prepared = build(db);
      built.set(db, prepared);
    }
    return prepared;
  };
}

/** PostgreSQL's text form of a `text[]`. Ids come from an allow-list, so that quoting is all they need. */
export function textArray(ids: readonly string[]): string {
  return `{${ids.map((id) => `"${id}"`).join(',')}}`;
}

/** PostgreSQL's text form of a `bigint[]`. */
export function bigintArray(ids: readonly number[]): string {
  return `{${ids.join(',')}}`;
}

/** The people of a batch as a relation `person(id)`, from the placeholder `userIds`. */
export const people = sql`unnest(${sql.placeholder('userIds')}::text[]) as person(id)`;
export const personId = sql`person.id`;

/** The one row that a statement such as `insert ... returning` cannot fail to give. */
export function single<Row>(rows: readonly Row[]): Row {
  const [row] = rows;
  if (row === undefined || rows.length > 1) throw new Error(`expected one row, got ${rows.length}`);
  return row;
}
