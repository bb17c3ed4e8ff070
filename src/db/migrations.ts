import { fileURLToPath } from 'node:url';
import { lockDatabase, openAdminConnection, type Sql } from './admin-connection.ts';
import { readMigrationFiles } from './driver/drizzle.ts';

const MIGRATIONS_FOLDER = fileURLToPath(new URL('../../drizzle', import.meta.url));

/**
 * Migrates the database to the current schema. Safe to run from many replicas at once: each waits for the advisory lock
 * and then finds nothing to do. All pending migrations are one transaction, so a killed run changes nothing.
 */
export async function migrate(databaseUrl: string): Promise<void> {
  const connection = await openAdminConnection(databaseUrl, { application_name: 'user-service migrate' });
  try {
    await lockDatabase(connection);
    await connection.begin(applyMigrations);
  } finally {
    await connection.end({ timeout: 5 });
  }
}

/**
 * Applies the pending migrations in the given transaction and records them in the table of drizzle's own migrator, which
 * opens transactions itself and so cannot be part of another.
 * @throws when a table of v1 is there that no migration has created
 */
export async function applyMigrations(tx: Sql): Promise<void> {
  const applied = await latestApplied(tx);
  if (applied === undefined) await rejectV1Database(tx);
  await tx`create schema if not exists drizzle`;
  await tx`
    create table if not exists drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint)`;
  for (const { folderMillis, hash, sql } of readMigrations()) {
    if (applied !== undefined && folderMillis <= applied) continue;
    for (const statement of sql) await tx.unsafe(statement);
    await tx`insert into drizzle.__drizzle_migrations (hash, created_at) values (${hash}, ${folderMillis}::bigint)`;
  }
}

/** Returns the names of the tables that a migrated database has, from the migrations' SQL. */
export function migratedTables(): string[] {
  const tables = new Set<string>();
  for (const statement of readMigrations().flatMap(({ sql }) => sql)) {
    for (const [, verb, name] of statement.matchAll(/^\s*(create|drop) table (?:if exists )?"(\w+)"/gim)) {
      if (verb?.toLowerCase() === 'create') tables.add(name as string);
      else tables.delete(name as string);
    }
  }
  return [...tables];
}

function readMigrations() {
  return readMigrationFiles({ migrationsFolder: MIGRATIONS_FOLDER });
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
