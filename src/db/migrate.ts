import { fileURLToPath } from 'node:url';
import { getTableName, readMigrationFiles } from './drizzle.ts';
import { lockDatabase, openSession, type Sql } from './maintenance.ts';
import { authUsers, badges, idempotencyKeys, learningGoals } from './schema.ts';

const MIGRATIONS = fileURLToPath(new URL('../../drizzle', import.meta.url));

/** What the migrations have made; those that refer to others come first. */
export const tableNames = [badges, learningGoals, idempotencyKeys, authUsers].map(getTableName);

/**
 * Brings the database to the present schema. Safe to run from many replicas at once: each waits for the one before and
 * then finds nothing to do. All pending migrations are one transaction, so that a killed run leaves nothing behind.
 */
export async function migrate(databaseUrl: string): Promise<void> {
  const session = await openSession(databaseUrl, { application_name: 'user-service migrate' });
  try {
    await lockDatabase(session);
    await session.begin(applyMigrations);
  } finally {
    await session.end({ timeout: 5 });
  }
}

/**
 * Applies what is pending, in the given transaction, and notes it where drizzle's own migrator does. That one opens
 * transactions of its own, and so could not be a part of another.
 * @throws when there are tables that no migration has made
 */
export async function applyMigrations(tx: Sql): Promise<void> {
  const done = await lastApplied(tx);
  if (done === undefined) await refuseFirstVersion(tx);
  await tx`create schema if not exists drizzle`;
  await tx`
    create table if not exists drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint)`;
  for (const { folderMillis, hash, sql } of readMigrationFiles({ migrationsFolder: MIGRATIONS })) {
    if (done !== undefined && folderMillis <= done) continue;
    for (const statement of sql) await tx.unsafe(statement);
    await tx`insert into drizzle.__drizzle_migrations (hash, created_at) values (${hash}, ${folderMillis}::bigint)`;
  }
}

/** When the newest of the applied migrations was made; undefined when none is applied. */
async function lastApplied(tx: Sql): Promise<number | undefined> {
  const [table] = await tx`select to_regclass('drizzle.__drizzle_migrations') as oid`;
  if (table?.oid == null) return undefined;
  const [last] = await tx`
    select created_at::text as at from drizzle.__drizzle_migrations order by created_at desc limit 1`;
  return last && Number(last.at);
}

async function refuseFirstVersion(tx: Sql): Promise<void> {
  const tables = await tx<{ name: string }[]>`
    select relname as name from pg_catalog.pg_class
    where relnamespace = to_regnamespace('public') and relkind = 'r' and relname in ('badges', 'learning_goals')
    order by 1`;
  if (tables.length === 0) return;
  throw new Error(
    `there are tables of this name already that no migration has made (${tables.map(({ name }) => name).join(', ')}): ` +
      'this looks like a database of the first version; run `npm run legacy -- inspect` (docs/CUTOVER.md)',
  );
}
