import type { Sql, SqlFragment } from '../../db/admin-connection.ts';

/** A: integer owner_id. B: uuid user_id. C: integer auth_user_id, where owner_id may remain for older rows. */
export type Era = 'A' | 'B' | 'C';
export type IdType = 'bigint' | 'uuid';

/** Tables whose rows belong to a user. */
export const OWNED_TABLES = ['badges', 'learning_goals'] as const;
export type OwnedTable = (typeof OWNED_TABLES)[number];
export function isOwnedTable(name: string): name is OwnedTable {
  return OWNED_TABLES.some((table) => table === name);
}

export const USER_TABLES = ['users', 'auth_users'] as const;
export type UserTable = (typeof USER_TABLES)[number];

export type V1Table = OwnedTable | UserTable;

/** The properties in which v1 databases differ. */
export interface V1Layout {
  era: Era;
  userIdType: IdType;
  /** Columns that may hold a row's owner, in order of precedence: the first one that is not null applies. */
  ownerColumns: Record<OwnedTable, string[]>;
  /** Whether `date_achieved` has a time zone. Values without a time zone are UTC. */
  hasTimeZone: boolean;
  /** The tables that list users. */
  userTables: UserTable[];
  /** Columns without a counterpart in the current schema, as `table.column`. */
  extraColumns: string[];
}

/** The v1 tables of a database: in `public` until they are moved, then in `legacy`. */
export interface V1Database {
  sql: Sql;
  schema: 'public' | 'legacy';
  layout: V1Layout;
}

/** Returns the qualified name of a v1 table, such as `legacy.badges`. */
export function v1Table({ sql, schema }: Pick<V1Database, 'sql' | 'schema'>, name: V1Table): SqlFragment {
  return sql`${sql(schema)}.${sql(name)}`;
}
