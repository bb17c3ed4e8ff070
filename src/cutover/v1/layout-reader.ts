import type { Column } from '../postgres/relations.ts';
import {
  type Era,
  type IdType,
  OWNED_TABLES,
  type OwnedTable,
  USER_TABLES,
  type UserTable,
  type V1Layout,
} from './layout.ts';

const TEXT = ['text', 'character varying', 'citext'];
const INTEGER = ['smallint', 'integer', 'bigint'];
const TIMESTAMP = ['timestamp without time zone', 'timestamp with time zone'];

/** Required columns and their accepted types, besides `id` and the owner columns. */
const CONTENT_COLUMNS: Record<OwnedTable, Record<string, string[]>> = {
  badges: { name: TEXT, description: TEXT, icon_url: TEXT, date_achieved: TIMESTAMP },
  learning_goals: { title: TEXT, description: TEXT, status: TEXT, streak_count: ['smallint', 'integer'] },
};

/** Aliases and computed columns of the copy and verify queries. A table column of the same name would shadow them. */
const RESERVED_COLUMNS = ['o', 'w', 'owner_key', 'orphan_reason'];

/** The owner column of each era and its accepted types. */
const OWNER_COLUMNS: { era: Era; column: string; types: string[] }[] = [
  { era: 'A', column: 'owner_id', types: INTEGER },
  { era: 'B', column: 'user_id', types: ['uuid'] },
  { era: 'C', column: 'auth_user_id', types: INTEGER },
];

/** Derives a layout from catalog columns and collects every deviation from the known layouts. */
export class LayoutReader {
  readonly problems: string[] = [];
  readonly #columns: readonly Column[];
  readonly #tablesKeyedById: readonly string[];

  constructor(columns: readonly Column[], tablesKeyedById: readonly string[]) {
    this.#columns = columns;
    this.#tablesKeyedById = tablesKeyedById;
  }

  read(): V1Layout {
    const badges = this.#readOwnedTable('badges');
    const goals = this.#readOwnedTable('learning_goals');
    if (badges && goals && badges.era !== goals.era) {
      this.problems.push(`badges has the layout of era ${badges.era}, learning_goals that of era ${goals.era}`);
    }
    const era = badges?.era ?? 'A';
    const userIdType = era === 'B' ? 'uuid' : 'bigint';
    return {
      era,
      userIdType,
      ownerColumns: { badges: badges?.ownerColumns ?? [], learning_goals: goals?.ownerColumns ?? [] },
      hasTimeZone: this.#typeOf('badges', 'date_achieved') === 'timestamp with time zone',
      userTables: USER_TABLES.filter((table) => this.#readUserTable(table, userIdType)),
      extraColumns: [...OWNED_TABLES.flatMap((table) => this.#extraColumns(table)), ...this.#extraUserColumns()],
    };
  }

  #readOwnedTable(table: OwnedTable): { era: Era; ownerColumns: string[] } | undefined {
    this.#requireId(table, INTEGER);
    for (const [name, types] of Object.entries(CONTENT_COLUMNS[table])) this.#requireColumn(table, { name, types });
    const found = OWNER_COLUMNS.filter(({ column }) => this.#typeOf(table, column) !== undefined);
    const columns = found.map(({ column }) => column);
    for (const { column: name, types } of found) this.#requireColumn(table, { name, types });
    // Era C may keep the owner_id of era A. Any other combination is ambiguous.
    const latest = found.at(-1);
    if (latest === undefined) {
      this.problems.push(`table ${table} has no owner column, expected owner_id, user_id or auth_user_id`);
    } else if (found.length > 1 && columns.join() !== 'owner_id,auth_user_id') {
      this.problems.push(`table ${table} has both ${columns.join(' and ')}, so the owner of its rows is ambiguous`);
    }
    for (const name of RESERVED_COLUMNS.filter((reserved) => this.#typeOf(table, reserved) !== undefined)) {
      this.problems.push(`table ${table} has a column ${name}, a name reserved by this command: rename the column`);
    }
    return latest && { era: latest.era, ownerColumns: columns.reverse() };
  }

  /** Returns whether the table exists. */
  #readUserTable(table: UserTable, userIdType: IdType): boolean {
    if (!this.#columns.some((column) => column.table === table)) return false;
    this.#requireId(table, userIdType === 'uuid' ? ['uuid'] : INTEGER);
    return true;
  }

  #requireId(table: string, types: string[]): void {
    this.#requireColumn(table, { name: 'id', types });
    if (this.#typeOf(table, 'id') !== undefined && !this.#tablesKeyedById.includes(table)) {
      this.problems.push(`table ${table} has no primary key on id`);
    }
  }

  #requireColumn(table: string, { name, types }: { name: string; types: string[] }): void {
    const column = this.#column(table, name);
    if (column === undefined) this.problems.push(`table ${table} has no column ${name}`);
    else if (!types.includes(column.type)) {
      this.problems.push(`${table}.${name} has type ${column.type}, expected ${types.join(' or ')}`);
    } else if (column.nondeterministicCollation !== null) {
      this.problems.push(
        `${table}.${name} has the nondeterministic collation ${column.nondeterministicCollation}, ` +
          'expected a deterministic one, such as "C"',
      );
    }
  }

  #extraColumns(table: OwnedTable): string[] {
    const known = ['id', ...Object.keys(CONTENT_COLUMNS[table]), ...OWNER_COLUMNS.map(({ column }) => column)];
    return this.#columns
      .filter((column) => column.table === table && !known.includes(column.name))
      .map(({ name }) => `${table}.${name}`);
  }

  /** Lists only columns of `auth_users`: the profile columns of `users` belong to the auth-service. */
  #extraUserColumns(): string[] {
    return this.#columns
      .filter(({ table, name }) => table === 'auth_users' && name !== 'id')
      .map(({ name }) => `auth_users.${name}`);
  }

  #column(table: string, name: string): Column | undefined {
    return this.#columns.find((column) => column.table === table && column.name === name);
  }

  #typeOf(table: string, name: string): string | undefined {
    return this.#column(table, name)?.type;
  }
}
