import { randomBytes } from 'node:crypto';
import postgres, { type Sql } from 'postgres';

export interface TestDatabase {
  url: string;
  /**
   * For assertions, and for rows that the API cannot create. A pool of two connections, separate from the service's.
   */
  sql: Sql;
  /** Returns every row of every table as text: equal snapshots mean that nothing changed. */
  snapshot(): Promise<Record<string, string[]>>;
  /** Returns the number of rows of each table. */
  rowCounts(): Promise<Record<string, number>>;
  /** Whether the tests of a file share rows: they then remain when a test is repeated. */
  hasSharedRows: boolean;
  /** Deletes the rows of a migrated database. */
  empty(): Promise<void>;
  /** Drops the database and terminates its connections. */
  drop(): Promise<void>;
}

/** Clones the migrated template. */
export async function createTestDatabase(serverUrl: string, template: string): Promise<TestDatabase> {
  return createDatabase({ serverUrl, name: newName(template), template });
}

/**
 * Creates a database without schemas of the service or of drizzle.
 * @param prefix the name of the migrated template
 * @param encoding the encoding of the server by default
 */
export async function createEmptyDatabase(
  serverUrl: string,
  prefix: string,
  encoding?: 'SQL_ASCII' | 'LATIN1',
): Promise<TestDatabase> {
  return createDatabase({ serverUrl, name: newName(prefix), template: 'template0', encoding });
}

const newName = (prefix: string) => `${prefix}_${randomBytes(4).toString('hex')}`;

/** The settings by which tests read text, instead of those of the server. */
const SESSION = { TimeZone: 'UTC', DateStyle: 'ISO', default_transaction_isolation: 'read committed' } as const;

interface NewDatabase {
  serverUrl: string;
  name: string;
  template: string;
  encoding?: string | undefined;
}

async function createDatabase({ serverUrl, name, template, encoding }: NewDatabase): Promise<TestDatabase> {
  const admin = adminOf(serverUrl);
  // The locale C is the only one that goes with every encoding.
  const options = encoding === undefined ? admin`` : admin`encoding ${admin(encoding)} locale_provider libc locale "C"`;
  await admin`create database ${admin(name)} template ${admin(template)} ${options}`;
  const url = databaseUrl(serverUrl, name);
  const sql = postgres(url, { max: 2, onnotice: () => undefined, connection: SESSION });

  return {
    url,
    sql,
    snapshot: () =>
      ofEachTable(sql, async (table) => {
        const rows = await sql<{ row: string }[]>`select t::text as row from ${sql(table)} t order by 1`;
        return rows.map(({ row }) => row);
      }),
    rowCounts: () =>
      ofEachTable(sql, async (table) => {
        const [row] = await sql<{ count: number }[]>`select count(*)::int as count from ${sql(table)}`;
        return row?.count ?? 0;
      }),
    hasSharedRows: false,
    empty: () => administer(url, deleteRows),
    async drop() {
      await sql.end({ timeout: 1 });
      await admin`drop database if exists ${admin(name)} with (force)`;
    },
  };
}

const admins = new Map<string, Sql>();

/**
 * Returns a connection that creates and drops databases, which all test files of a worker share. A new one for each
 * would take longer than the database.
 */
function adminOf(serverUrl: string): Sql {
  const admin = admins.get(serverUrl) ?? postgres(serverUrl, { max: 1, idle_timeout: 2, onnotice: () => undefined });
  admins.set(serverUrl, admin);
  return admin;
}

/** The time limit is for locks that a test still holds. Services read the badge definitions at each new revision. */
async function deleteRows(admin: Sql): Promise<void> {
  await admin`set lock_timeout = '5s'`;
  const tables = await admin<{ name: string }[]>`
    select table_name as name from information_schema.tables
    where table_schema = 'public' and table_type = 'BASE TABLE' and table_name <> 'badge_definition_revision'`;
  await admin`
    update badge_definition_revision set revision = revision + 1 where exists (select from badge_definitions)`;
  await admin`truncate ${admin(tables.map(({ name }) => name))} cascade`;
}

async function ofEachTable<T>(sql: Sql, read: (table: string) => Promise<T>): Promise<Record<string, T>> {
  const tables = await sql<{ name: string }[]>`
    select table_name as name from information_schema.tables
    where table_schema = 'public' and table_type = 'BASE TABLE' order by 1`;
  return Object.fromEntries(await Promise.all(tables.map(async ({ name }) => [name, await read(name)] as const)));
}

/** Returns the URL of another database on the same server. */
export function databaseUrl(serverUrl: string, name: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}

/**
 * Returns the URL of the database with a longer `lock_timeout` than the service's 0.5 s, below its `statement_timeout`.
 * It is for tests that act while a request waits for a lock.
 */
export function withLongLockTimeout(url: string): string {
  return `${url}?lock_timeout=1400`;
}

/** Drops the template and the clones that killed test files did not drop. */
export async function dropDatabases(serverUrl: string, template: string): Promise<void> {
  await administer(serverUrl, async (admin) => {
    const left = await admin`select datname from pg_database where starts_with(datname, ${template})`;
    for (const { datname } of left) await admin`drop database ${admin(datname)} with (force)`;
  });
}

/** Opens one connection for commands that a database cannot run on itself. */
export async function administer<T>(serverUrl: string, work: (admin: Sql) => Promise<T>): Promise<T> {
  const admin = postgres(serverUrl, { max: 1, onnotice: () => undefined });
  try {
    return await work(admin);
  } finally {
    await admin.end({ timeout: 1 });
  }
}
