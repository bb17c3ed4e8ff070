import type { Sql } from '../../db/maintenance.ts';
import {
  type Column,
  hasTable,
  listColumns,
  listInheritance,
  listNamesakes,
  listTablesKeyedById,
} from '../postgres/catalog.ts';
import {
  type Era,
  type KeyType,
  PEOPLE_TABLES,
  type PeopleTable,
  ROW_TABLES,
  type RowTable,
  type Shape,
} from './layout.ts';

/** What the tables of `public` are. */
export type Recognised =
  | { kind: 'empty' | 'current' }
  | { kind: 'old'; shape: Shape }
  /** `problems` say what differs from every shape that is known. */
  | { kind: 'unknown'; problems: string[] };

const TEXT = ['text', 'character varying', 'citext'];
const INTEGER = ['smallint', 'integer', 'bigint'];
const INSTANT = ['timestamp without time zone', 'timestamp with time zone'];

/** Beside `id` and the owner's column. */
const CONTENT: Record<RowTable, Record<string, string[]>> = {
  badges: { name: TEXT, description: TEXT, icon_url: TEXT, date_achieved: INSTANT },
  learning_goals: { title: TEXT, description: TEXT, status: TEXT, streak_count: ['smallint', 'integer'] },
};

/** What the statements of new-values.ts and compare-rows.ts call a row and what they work out of it. */
const RESERVED = ['o', 'w', 'owner_key', 'orphan_reason'];

/** The column that makes an era, and the types that it has there. */
const OWNERS: { era: Era; column: string; types: string[] }[] = [
  { era: 'A', column: 'owner_id', types: INTEGER },
  { era: 'B', column: 'user_id', types: ['uuid'] },
  { era: 'C', column: 'auth_user_id', types: INTEGER },
];

/** Recognises a database by its tables' columns and their types; a name alone proves nothing. Reads the catalog only. */
export async function recognise(sql: Sql): Promise<Recognised> {
  const columns = await listColumns(sql, [...ROW_TABLES, ...PEOPLE_TABLES]);
  const present = new Set(columns.map(({ table }) => table));
  const absent = ROW_TABLES.filter((table) => !present.has(table));
  if (absent.length > 0) {
    const namesakes = await listNamesakes(sql, absent);
    if (absent.length === ROW_TABLES.length && namesakes.length === 0) return { kind: 'empty' };
    return { kind: 'unknown', problems: [...absent.map((table) => `there is no table public.${table}`), ...namesakes] };
  }
  if (isCurrent(columns)) return { kind: 'current' };

  const keyed = await listTablesKeyedById(sql, [...present]);
  const reading = new Reading(columns, keyed);
  const shape = reading.shape();
  for (const { child, parent } of await listInheritance(sql, [...present])) {
    reading.problems.push(`${child} inherits from ${parent}: its rows would be taken for those of ${parent}`);
  }
  if (await hasTable(sql, 'public.idempotency_keys'))
    reading.problems.push('there is a table idempotency_keys already');
  if (await hasAppliedMigrations(sql)) {
    reading.problems.push('drizzle.__drizzle_migrations says that the migrations of this version have been applied');
  }
  return reading.problems.length > 0 ? { kind: 'unknown', problems: reading.problems } : { kind: 'old', shape };
}

function isCurrent(columns: readonly Column[]): boolean {
  const typeOf = (table: string, name: string) =>
    columns.find((column) => column.table === table && column.name === name)?.type;
  return (
    typeOf('auth_users', 'id') === 'text' &&
    typeOf('badges', 'auth_user_id') === 'text' &&
    typeOf('badges', 'source') === 'text' &&
    typeOf('learning_goals', 'auth_user_id') === 'text' &&
    typeOf('learning_goals', 'version') === 'integer'
  );
}

async function hasAppliedMigrations(sql: Sql): Promise<boolean> {
  if (!(await hasTable(sql, 'drizzle.__drizzle_migrations'))) return false;
  return (await sql`select from drizzle.__drizzle_migrations limit 1`).length > 0;
}

/** Reads a shape out of columns, and gathers on the way what does not fit. */
class Reading {
  readonly problems: string[] = [];
  readonly #columns: readonly Column[];
  readonly #keyed: readonly string[];

  constructor(columns: readonly Column[], keyed: readonly string[]) {
    this.#columns = columns;
    this.#keyed = keyed;
  }

  shape(): Shape {
    const badges = this.#rowTable('badges');
    const goals = this.#rowTable('learning_goals');
    if (badges && goals && badges.era !== goals.era) {
      this.problems.push(`badges is of era ${badges.era}, learning_goals of era ${goals.era}`);
    }
    const era = badges?.era ?? 'A';
    const keyType = era === 'B' ? 'uuid' : 'bigint';
    return {
      era,
      keyType,
      owners: { badges: badges?.owners ?? [], learning_goals: goals?.owners ?? [] },
      hasZone: this.#typeOf('badges', 'date_achieved') === 'timestamp with time zone',
      people: PEOPLE_TABLES.filter((table) => this.#isPeopleTable(table, keyType)),
      extraColumns: [...ROW_TABLES.flatMap((table) => this.#extraColumns(table)), ...this.#extraOfPeople()],
    };
  }

  #rowTable(table: RowTable): { era: Era; owners: string[] } | undefined {
    this.#requireId(table, INTEGER);
    for (const [name, types] of Object.entries(CONTENT[table])) this.#requireColumn(table, { name, types });
    const found = OWNERS.filter(({ column }) => this.#typeOf(table, column) !== undefined);
    const columns = found.map(({ column }) => column);
    for (const { column: name, types } of found) this.#requireColumn(table, { name, types });
    // The first era's column may be left over beside the third's; no other two belong together.
    const last = found.at(-1);
    if (last === undefined) {
      this.problems.push(`table ${table} has neither owner_id nor user_id nor auth_user_id`);
    } else if (found.length > 1 && columns.join() !== 'owner_id,auth_user_id') {
      this.problems.push(`table ${table} has ${columns.join(' and ')}: it is not clear who owns its rows`);
    }
    for (const name of RESERVED.filter((word) => this.#typeOf(table, word) !== undefined)) {
      this.problems.push(`table ${table} has a column ${name}, a name that this command needs: rename it`);
    }
    return last && { era: last.era, owners: columns.reverse() };
  }

  #isPeopleTable(table: PeopleTable, keyType: KeyType): boolean {
    if (!this.#columns.some((column) => column.table === table)) return false;
    this.#requireId(table, keyType === 'uuid' ? ['uuid'] : INTEGER);
    return true;
  }

  #requireId(table: string, types: string[]): void {
    this.#requireColumn(table, { name: 'id', types });
    if (this.#typeOf(table, 'id') !== undefined && !this.#keyed.includes(table)) {
      this.problems.push(`table ${table} has no primary key on id`);
    }
  }

  #requireColumn(table: string, { name, types }: { name: string; types: string[] }): void {
    const column = this.#column(table, name);
    if (column === undefined) this.problems.push(`table ${table} has no column ${name}`);
    else if (!types.includes(column.type)) {
      this.problems.push(`${table}.${name} is of type ${column.type}, expected ${types.join(' or ')}`);
    } else if (column.looseCollation !== null) {
      this.problems.push(
        `${table}.${name} has a nondeterministic collation (${column.looseCollation}): give it another, such as "C"`,
      );
    }
  }

  #extraColumns(table: RowTable): string[] {
    const known = ['id', ...Object.keys(CONTENT[table]), ...OWNERS.map(({ column }) => column)];
    return this.#columns
      .filter((column) => column.table === table && !known.includes(column.name))
      .map(({ name }) => `${table}.${name}`);
  }

  /** What `users` says of people is the auth-service's; `auth_users` was meant to be nothing but references. */
  #extraOfPeople(): string[] {
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
