import { fileURLToPath } from 'node:url';
import postgres from 'postgres';
import { applyMigrations, drizzle } from './drizzle.ts';

const MIGRATIONS = fileURLToPath(new URL('../../drizzle', import.meta.url));
/** Names our lock among a server's advisory locks: "user" and "serv" in ASCII. */
const LOCK = 0x75736572_73657276n;

/**
 * Brings the database to the present schema. Safe to run from many replicas at once: each waits for the one before and
 * then finds nothing to do. All pending migrations are one transaction, so that a killed run leaves nothing behind.
 */
export async function migrate(databaseUrl: string): Promise<void> {
  const session = postgres(databaseUrl, {
    max: 1,
    connect_timeout: 5,
    idle_timeout: 0,
    max_lifetime: null,
    fetch_types: false,
    onnotice: () => undefined,
    connection: { application_name: 'user-service migrate', statement_timeout: 0, lock_timeout: 0 },
  });
  try {
    await session`select pg_advisory_lock(${LOCK.toString()}::bigint)`;
    await applyMigrations(drizzle(session), { migrationsFolder: MIGRATIONS });
  } finally {
    await session.end({ timeout: 5 });
  }
}
