import postgres from 'postgres';

/** One connection for work on the database itself, such as migrations; `begin` opens its transactions. */
export type AdminConnection = postgres.Sql;
/** An admin connection or a transaction of it. */
export type Sql = postgres.ISql;
/** A part of a query. */
export type SqlFragment = postgres.Fragment;

/** The `application_name` of the service's own sessions, and of no others. */
export const SERVICE_APPLICATION_NAME = 'user-service';

/** Key of our advisory lock: "userserv" in ASCII. */
const ADVISORY_LOCK_KEY = 0x75736572_73657276n.toString();

/** NOTE: strings, since postgres.js drops the number 0, and the limits of the role or the database would apply. */
const NO_TIMEOUTS = {
  statement_timeout: '0',
  lock_timeout: '0',
  idle_in_transaction_session_timeout: '0',
  idle_session_timeout: '0',
};

/** Connects without time limits, whatever the role, the database or the URL set; `settings` may set some. */
export async function openAdminConnection(
  databaseUrl: string,
  settings: { application_name: string; [name: string]: string },
): Promise<AdminConnection> {
  const sessionSettings: Record<string, string> = { ...NO_TIMEOUTS, ...settings };
  const connection = postgres(withoutUrlParameters(databaseUrl, Object.keys(sessionSettings)), {
    max: 1,
    connect_timeout: 5,
    idle_timeout: 0,
    max_lifetime: null,
    fetch_types: false,
    onnotice: () => undefined,
    connection: sessionSettings,
  });
  try {
    // NOTE: only PostgreSQL 17 and later have it; earlier versions reject a start-up message that names it
    await connection`
      select set_config(name, '0', false) from pg_catalog.pg_settings where name = 'transaction_timeout'`;
    return connection;
  } catch (error) {
    await connection.end({ timeout: 5 });
    throw error;
  }
}

/** Returns the URL without these parameters, which postgres.js would prefer to the options that it is given. */
export function withoutUrlParameters(databaseUrl: string, names: readonly string[]): string {
  const url = new URL(databaseUrl);
  for (const name of names) url.searchParams.delete(name);
  return url.href;
}

/** Waits for the advisory lock of this database, which is held until the connection ends. */
export async function lockDatabase(connection: AdminConnection): Promise<void> {
  await connection`select pg_advisory_lock(${ADVISORY_LOCK_KEY}::bigint)`;
}

/** Returns false when another connection holds the advisory lock of this database. */
export async function tryLockDatabase(connection: AdminConnection): Promise<boolean> {
  const [row] = await connection<{ locked: boolean }[]>`
    select pg_try_advisory_lock(${ADVISORY_LOCK_KEY}::bigint) as locked`;
  return row?.locked === true;
}

/** Returns false once the connection that took the lock is lost, since postgres.js reconnects without it. */
export async function holdsDatabaseLock(sql: Sql): Promise<boolean> {
  const [row] = await sql<{ held: boolean }[]>`
    select exists (
      select from pg_catalog.pg_locks
      where locktype = 'advisory' and pid = pg_backend_pid() and granted
        and (classid::bigint << 32 | objid::bigint) = ${ADVISORY_LOCK_KEY}::bigint) as held`;
  return row?.held === true;
}
