import { randomBytes } from 'node:crypto';
import postgres, { type Sql } from 'postgres';

export interface TestDatabase {
  url: string;
  /** For assertions, and for rows that the API cannot create. A pool of two connections, separate from the service's. */
  sql: Sql;
  /** Returns every row of every table as text: equal snapshots mean that nothing changed. */
  snapshot(): Promise<Record<string, string[]>>;
  /** Returns the number of rows of each table. */
  rowCounts(): Promise<Record<string, number>>;
  /** Drops the database and terminates its connections. */
  drop(): Promise<void>;
}

/** Clones the migrated template. */
export async function createTestDatabase(serverUrl: string, template: string): Promise<TestDatabase> {
  const name = `${template}_${randomBytes(4).toString('hex')}`;
  await administer(serverUrl, (admin) => admin`create database ${admin(name)} template ${admin(template)}`);
  const url = databaseUrl(serverUrl, name);
  const sql = postgres(url, { max: 2, onnotice: () => undefined });
  const snapshot = () => snapshotOf(sql);

  return {
    url,
    sql,
    snapshot,
    async rowCounts() {
      return Object.fromEntries(Object.entries(await snapshot()).map(([table, rows]) => [table, rows.length]));
    },
    async drop() {
      await sql.end({ timeout: 1 });
      await administer(serverUrl, (admin) => admin`drop database if exists ${admin(name)} with (force)`);
    },
  };
}

/** Creates a database without schemas of the service or of drizzle. */
export async function createEmptyDatabase(serverUrl: string, template: string): Promise<TestDatabase> {
  const empty = await createTestDatabase(serverUrl, template);
  await empty.sql`drop schema drizzle cascade`;
  await empty.sql`drop schema public cascade`;
  await empty.sql`create schema public`;
  return empty;
}

async function snapshotOf(sql: Sql): Promise<Record<string, string[]>> {
  const tables = await sql<{ name: string }[]>`
    select table_name as name from information_schema.tables
    where table_schema = 'public' and table_type = 'BASE TABLE' order by 1`;
  const entries = tables.map(async ({ name }) => {
    const rows = await sql<{ row: string }[]>`select t::text as row from ${sql(name)} t order by 1`;
    return [name, rows.map(({ row }) => row)] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** Returns the URL of another database on the same server. */
export function databaseUrl(serverUrl: string, name: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
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
