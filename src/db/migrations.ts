import { fileURLToPath } from 'node:url';
import { openAdminConnection, type Sql } from './admin-connection.ts';
import { isConcurrent, runConcurrently, runInTransaction } from './concurrent-migration.ts';
import type { Pooler } from './database-url.ts';
import { readMigrationFiles } from './driver/drizzle.ts';
import type { Print } from './lock-retries.ts';
import { inMigrationTransaction } from './migration-lock.ts';

const MIGRATIONS_FOLDER = fileURLToPath(new URL('../../drizzle', import.meta.url));

/** The statements and clauses that create a relation, as drizzle writes them. */
const CREATED_RELATION =
  /create (?:table|(?:unique )?index)(?: concurrently)?(?: if not exists)? "(\w+)"|sequence name "(\w+)"|constraint "(\w+)" (?:primary key|unique)\b/gi;

/** A table with its first column, or a column of an existing table, as drizzle writes their creation. */
const CREATED_COLUMN =
  /^\s*(?:create table (?:if not exists )?"(\w+)" \(\s*"(\w+)"|alter table "(\w+)" add column (?:if not exists )?"(\w+)")/gim;

type Migration = ReturnType<typeof readMigrationFiles>[number];

interface MigrateOptions {
  pooler?: Pooler | undefined;
  /** Prints a line of progress. */
  print?: Print;
  /** The folder of the migrations; `drizzle/` by default. */
  folder?: string;
}

/**
 * Migrates the database to the current schema. Safe to run from many replicas at once: each waits for the advisory lock
 * and then finds nothing to do. The pending migrations up to a marked one are one transaction, so a killed run changes
 * nothing. A marked one, whose first line is `-- concurrently`, runs outside a transaction and can be run again.
 * @throws Error when the database is not in UTF-8, has tables of v1 that no migration has created, or keeps a lock for
 * two minutes. It also throws the errors of `openAdminConnection` and of PostgreSQL.
 */
export async function migrate(databaseUrl: string, options: MigrateOptions = {}): Promise<void> {
  const { pooler, print = () => {}, folder } = options;
  const migrations = readMigrations(folder);
  const open = () => openAdminConnection(databaseUrl, { application_name: 'user-service migrate' }, pooler);
  const connection = await open();
  try {
    let concurrent = await inMigrationTransaction(connection, print, (tx) => applyUpToConcurrent(tx, migrations));
    while (concurrent !== undefined) {
      const worker = await open();
      const monitor = await open();
      try {
        concurrent = await inMigrationTransaction(connection, print, async (tx) => {
          await applyConcurrent(tx, migrations, (sql) => runConcurrently(worker, sql, { print, monitor }));
          return applyUpToConcurrent(tx, migrations);
        });
      } finally {
        await Promise.all([worker, monitor].map((each) => each.end({ timeout: 5 })));
      }
    }
  } finally {
    await connection.end({ timeout: 5 });
  }
}

/**
 * Applies the pending migrations in the given transaction and records them in the table of drizzle's own migrator. That
 * migrator opens transactions itself and so cannot be part of another. The tables of marked migrations must be new.
 * @throws when a table of v1 is there that no migration has created
 */
export async function applyMigrations(tx: Sql): Promise<void> {
  const pending = await preparePending(tx, readMigrations());
  for (const migration of pending) await applyInTransaction(tx, migration);
}

/** Returns the first pending migration that needs to run outside a transaction. A new database needs none. */
async function applyUpToConcurrent(tx: Sql, migrations: readonly Migration[]): Promise<Migration | undefined> {
  const isNew = (await latestApplied(tx)) === undefined;
  for (const migration of await preparePending(tx, migrations)) {
    if (!isNew && isConcurrent(migration.sql)) return migration;
    await applyInTransaction(tx, migration);
  }
  return undefined;
}

/** Applies the next marked migration outside the transaction `tx`, which holds the advisory lock. */
async function applyConcurrent(
  tx: Sql,
  migrations: readonly Migration[],
  run: (sql: string[]) => Promise<void>,
): Promise<void> {
  const [next] = await preparePending(tx, migrations);
  if (next === undefined || !isConcurrent(next.sql)) return;
  await run(next.sql);
  await record(tx, next);
}

/** Returns the pending migrations, and creates the table that records them. */
async function preparePending(tx: Sql, migrations: readonly Migration[]): Promise<Migration[]> {
  const problem = await findEncodingProblem(tx);
  if (problem !== undefined) throw new Error(problem);
  const applied = await latestApplied(tx);
  if (applied === undefined) await rejectV1Database(tx);
  await tx`create schema if not exists drizzle`;
  await tx`
    create table if not exists drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint)`;
  return migrations.filter(({ folderMillis }) => applied === undefined || folderMillis > applied);
}

async function applyInTransaction(tx: Sql, migration: Migration): Promise<void> {
  if (isConcurrent(migration.sql)) await runInTransaction(tx, migration.sql);
  else for (const statement of migration.sql) await tx.unsafe(statement);
  await record(tx, migration);
}

async function record(tx: Sql, { hash, folderMillis }: Migration): Promise<void> {
  await tx`insert into drizzle.__drizzle_migrations (hash, created_at) values (${hash}, ${folderMillis}::bigint)`;
}

/**
 * Returns the reason why the database cannot store the service's texts; undefined for UTF-8. In another encoding the
 * server counts and cuts bytes instead of characters, or lacks characters.
 */
export async function findEncodingProblem(sql: Sql): Promise<string | undefined> {
  const [row] = await sql<{ encoding: string }[]>`select current_setting('server_encoding') as encoding`;
  if (row?.encoding === 'UTF8') return undefined;
  return (
    `the encoding of the database is ${row?.encoding}, expected UTF8: ` +
    'dump it and restore the dump into a database with the encoding UTF8 (docs/DEPLOYMENT.md)'
  );
}

/** Returns the names of the tables that the applied migrations have created, from their SQL. */
export async function listMigratedTables(sql: Sql): Promise<string[]> {
  const applied = (await latestApplied(sql)) ?? 0;
  const tables = new Set<string>();
  const statements = readMigrations().flatMap((migration) => (migration.folderMillis <= applied ? migration.sql : []));
  for (const statement of statements) {
    for (const [, verb, name] of statement.matchAll(/^\s*(create|drop) table (?:if exists )?"(\w+)"/gim)) {
      if (verb?.toLowerCase() === 'create') tables.add(name as string);
      else tables.delete(name as string);
    }
  }
  return [...tables];
}

/** Returns the names of the tables, indexes and sequences that the migrations create, from their SQL. */
export function listCreatedRelations(): string[] {
  const statements = readMigrations().flatMap(({ sql }) => sql);
  const names = statements.flatMap((statement) =>
    [...statement.matchAll(CREATED_RELATION)].map(([, relation, sequence, index]) => relation ?? sequence ?? index),
  );
  return [...new Set(names as string[])];
}

/** Returns the column that the migrations create last, from their SQL: a database that has it has all of them. */
export function findNewestColumn(folder?: string): { table: string; column: string } {
  const statements = readMigrations(folder).flatMap(({ sql }) => sql);
  const [, newTable, firstColumn, table, column] =
    statements.flatMap((statement) => [...statement.matchAll(CREATED_COLUMN)]).at(-1) ?? [];
  return { table: (newTable ?? table) as string, column: (firstColumn ?? column) as string };
}

function readMigrations(folder = MIGRATIONS_FOLDER): Migration[] {
  return readMigrationFiles({ migrationsFolder: folder });
}

/** Returns the creation time of the newest applied migration; undefined when none is applied. */
async function latestApplied(tx: Sql): Promise<number | undefined> {
  const [table] = await tx`select to_regclass('drizzle.__drizzle_migrations') as oid`;
  if (table?.oid == null) return undefined;
  const [latest] = await tx`
    select created_at::text as at from drizzle.__drizzle_migrations order by created_at desc limit 1`;
  return latest && Number(latest.at);
}

async function rejectV1Database(tx: Sql): Promise<void> {
  const tables = await tx<{ name: string }[]>`
    select relname as name from pg_catalog.pg_class
    where relnamespace = to_regnamespace('public') and relkind = 'r' and relname in ('badges', 'learning_goals')
    order by 1`;
  if (tables.length === 0) return;
  throw new Error(
    `the database already has tables that no migration has created (${tables.map(({ name }) => name).join(', ')}): ` +
      'it looks like a v1 database; run `npm run legacy -- inspect` (docs/CUTOVER.md)',
  );
}
