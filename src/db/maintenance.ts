import postgres from 'postgres';

/** One connection, for work on the database itself; `begin` gives its transactions. */
export type Session = postgres.Sql;
/** A session or a transaction of it. */
export type Sql = postgres.ISql;
/** A piece of SQL, to be put into a statement. */
export type Fragment = postgres.Fragment;

/** The `application_name` of the service's own sessions, and of no others. */
export const SERVICE = 'user-service';

/** Names our lock among a server's advisory locks: "user" and "serv" in ASCII. */
const LOCK = 0x75736572_73657276n.toString();

/** Text, for postgres.js leaves out a number 0, and the limits of the role or the database would hold. */
const NO_LIMITS = {
  statement_timeout: '0',
  lock_timeout: '0',
  idle_in_transaction_session_timeout: '0',
  idle_session_timeout: '0',
};

/** Connects. The session has no limits on time, whatever its role, its database or the URL say; it can be given some. */
export async function openSession(
  databaseUrl: string,
  settings: { application_name: string; [name: string]: string },
): Promise<Session> {
  const connection: Record<string, string> = { ...NO_LIMITS, ...settings };
  const session = postgres(withoutParameters(databaseUrl, Object.keys(connection)), {
    max: 1,
    connect_timeout: 5,
    idle_timeout: 0,
    max_lifetime: null,
    fetch_types: false,
    onnotice: () => undefined,
    connection,
  });
  try {
    // Only PostgreSQL 17 and later know it, and others would not let somebody in who names it.
    await session`
      select set_config(name, '0', false) from pg_catalog.pg_settings where name = 'transaction_timeout'`;
    return session;
  } catch (error) {
    await session.end({ timeout: 5 });
    throw error;
  }
}

/** postgres.js lets the parameters of a URL win over those that it is given. */
export function withoutParameters(databaseUrl: string, names: readonly string[]): string {
  const url = new URL(databaseUrl);
  for (const name of names) url.searchParams.delete(name);
  return url.href;
}

/** Waits until nobody else works on this database. The lock lasts as long as the connection. */
export async function lockDatabase(session: Session): Promise<void> {
  await session`select pg_advisory_lock(${LOCK}::bigint)`;
}

/** False when somebody else works on this database. */
export async function tryLockDatabase(session: Session): Promise<boolean> {
  const [row] = await session<{ locked: boolean }[]>`select pg_try_advisory_lock(${LOCK}::bigint) as locked`;
  return row?.locked === true;
}

/** False when the connection that held it is lost: postgres.js then opens another, which does not. */
export async function holdsDatabaseLock(sql: Sql): Promise<boolean> {
  const [row] = await sql<{ held: boolean }[]>`
    select exists (
      select from pg_catalog.pg_locks
      where locktype = 'advisory' and pid = pg_backend_pid() and granted
        and (classid::bigint << 32 | objid::bigint) = ${LOCK}::bigint) as held`;
  return row?.held === true;
}
