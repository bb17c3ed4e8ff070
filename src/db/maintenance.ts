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

/** Connects with the first statement. Whoever works with it sets limits of their own: it has none of the service's. */
export function openSession(
  databaseUrl: string,
  settings: { application_name: string; [name: string]: string },
): Session {
  return postgres(databaseUrl, {
    max: 1,
    connect_timeout: 5,
    idle_timeout: 0,
    max_lifetime: null,
    fetch_types: false,
    onnotice: () => undefined,
    connection: { statement_timeout: 0, lock_timeout: 0, ...settings },
  });
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
