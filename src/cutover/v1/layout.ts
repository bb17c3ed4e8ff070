import type { Fragment, Sql } from '../../db/maintenance.ts';

/** A: owner_id of shared users. B: user_id, uuid. C: auth_user_id, half-way to today's schema. */
export type Era = 'A' | 'B' | 'C';
export type KeyType = 'bigint' | 'uuid';

export const ROW_TABLES = ['badges', 'learning_goals'] as const;
export type RowTable = (typeof ROW_TABLES)[number];
export function isRowTable(name: string): name is RowTable {
  return ROW_TABLES.some((table) => table === name);
}

export const PEOPLE_TABLES = ['users', 'auth_users'] as const;
export type PeopleTable = (typeof PEOPLE_TABLES)[number];

/** What of a first-version database differs from one to another. Stored with the migration, as JSON. */
export interface Shape {
  era: Era;
  /** What owners are in the old tables. */
  keyType: KeyType;
  /** The columns that may name a row's owner; the first that is not null does. */
  owners: Record<RowTable, string[]>;
  /** Whether `date_achieved` has a time zone; UTC where it has none. */
  hasZone: boolean;
  /** Where people are to be found. */
  people: PeopleTable[];
  /** Columns that have no place in today's schema, as `table.column`. */
  extraColumns: string[];
}

export interface Old {
  sql: Sql;
  /** `public` until the old tables are moved aside, `legacy` from then on. */
  schema: 'public' | 'legacy';
  shape: Shape;
}

/** Some of a table's rows: those with `after < id <= upTo`; null is no bound. */
export interface Range {
  after: string | null;
  upTo: string | null;
}

export const EVERYTHING: Range = { after: null, upTo: null };

/** The condition that `column`, of `type`, is in the range. */
export function within(sql: Sql, column: Fragment, { after, upTo, type }: Range & { type: KeyType }): Fragment {
  const cast = sql.unsafe(type);
  const isAfter = after === null ? sql`true` : sql`${column} > ${after}::text::${cast}`;
  const isUpTo = upTo === null ? sql`true` : sql`${column} <= ${upTo}::text::${cast}`;
  return sql`(${isAfter} and ${isUpTo})`;
}

/** `legacy.badges` and the like. */
export function oldTable({ sql, schema }: Pick<Old, 'sql' | 'schema'>, name: RowTable | PeopleTable): Fragment {
  return sql`${sql(schema)}.${sql(name)}`;
}

/** The end of the next batch, and how many rows it has; null when no row is left. */
export async function nextBatch(
  old: Old,
  {
    table,
    type,
    after,
    batchSize,
  }: { table: RowTable | PeopleTable; type: KeyType; after: string | null; batchSize: number },
): Promise<{ lastId: string; rows: number } | null> {
  const { sql } = old;
  const range = within(sql, sql`id`, { after, upTo: null, type });
  const [last] = await sql<{ lastId: string; rows: number }[]>`
    select id::text as "lastId", n::int as rows from (
      select id, row_number() over (order by id) as n from ${oldTable(old, table)}
      where ${range} order by id limit ${batchSize}::int) ids
    order by n desc limit 1`;
  return last ?? null;
}
