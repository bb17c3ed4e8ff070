import postgres from 'postgres';
import { rejectAfter } from '../lib/pause.ts';
import { type DatabaseHost, type DatabaseUrl, type Pooler, parseDatabaseUrl } from './database-url.ts';
import { sqlState } from './errors.ts';

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

/**
 * How often the server looks for the client while it runs a statement, in milliseconds. It would otherwise complete the
 * statement of a killed program, and the next run would wait for its locks.
 */
const CLIENT_CHECK_INTERVAL_MS = '2000';
const INVALID_PARAMETER_VALUE = '22023';

/**
 * The options of BEGIN, which replace the default of the server. With `repeatable read`, a transaction would keep the
 * snapshot from before it waited for a lock, and `create index concurrently` would wait until it ends.
 */
export const READ_COMMITTED = 'isolation level read committed';

/**
 * Time limit of one attempt to connect, and half of it for one of several hosts: a host that is down delays the next.
 */
const CONNECT_TIMEOUT_SECONDS = 5;
/** Time limit of a connection with all attempts; postgres.js tries a list of hosts again without limit. */
const OPEN_TIMEOUT_MS = 8000;

interface AdminSettings {
  application_name: string;
  [name: string]: string;
}

/**
 * Connects without the time limits that the role, the database or the URL set; `settings` may set some. Through a
 * pooler the connection has `settings` only. Of several hosts it is the first that is a primary.
 * @throws Error when no server responds within its time limit or accepts the connection, or no host is a primary
 */
export async function openAdminConnection(
  databaseUrl: string,
  settings: AdminSettings,
  pooler: Pooler = 'none',
): Promise<AdminConnection> {
  const { url, hosts, ssl } = parseDatabaseUrl(databaseUrl);
  const sessionSettings: Record<string, string> = pooler === 'none' ? { ...NO_TIMEOUTS, ...settings } : settings;
  // NOTE: postgres.js would prefer the parameters of the URL to the options that it is given
  for (const name of Object.keys({ ...NO_TIMEOUTS, ...settings })) url.searchParams.delete(name);
  if (hosts.length === 0) return connect(url, { sessionSettings, pooler, ssl });
  const failures: string[] = [];
  for (const host of hosts) {
    try {
      return await connect(url, { sessionSettings, pooler, ssl, host });
    } catch (error) {
      failures.push(`${host.host}:${host.port}: ${(error as Error).message}`);
    }
  }
  throw new Error(`no host of DATABASE_URL is a primary that responds (${failures.join('; ')})`);
}

interface ConnectOptions {
  sessionSettings: Record<string, string>;
  pooler: Pooler;
  ssl: DatabaseUrl['ssl'];
  /** One host of several. */
  host?: DatabaseHost | undefined;
}

async function connect(url: URL, { sessionSettings, pooler, ssl, host }: ConnectOptions): Promise<AdminConnection> {
  const connection = postgres(url.href, {
    ...host,
    ...(ssl && { ssl }),
    max: 1,
    connect_timeout: host === undefined ? CONNECT_TIMEOUT_SECONDS : CONNECT_TIMEOUT_SECONDS / 2,
    idle_timeout: 0,
    max_lifetime: null,
    fetch_types: false,
    onnotice: () => undefined,
    connection: sessionSettings,
  });
  try {
    const timeout = rejectAfter(OPEN_TIMEOUT_MS, `the database did not respond within ${OPEN_TIMEOUT_MS / 1000} s`);
    await Promise.race([prepareSession(connection, { pooler, host }), timeout]);
    return connection;
  } catch (error) {
    await connection.end({ timeout: 0 });
    throw error;
  }
}

/**
 * Returns the expression that removes the limit of a transaction. Only PostgreSQL 17 and later have the setting; a
 * start-up message that names it is rejected by earlier versions.
 */
function noTransactionTimeout(isLocal: boolean): string {
  return `case when current_setting('transaction_timeout', true) is not null
    then set_config('transaction_timeout', '0', ${isLocal}) end`;
}

async function prepareSession(sql: Sql, { pooler, host }: Pick<ConnectOptions, 'pooler' | 'host'>): Promise<void> {
  // NOTE: a transaction_timeout of the role or the database applies to this statement too: it is sent in one message
  const [row] = await sql.unsafe<{ isStandby: boolean }[]>(
    `select pg_is_in_recovery() as "isStandby", ${noTransactionTimeout(pooler === 'transaction')}`,
  );
  if (host !== undefined && row?.isStandby === true) throw new Error('the server is a standby');
  if (pooler === 'none') await checkForClient(sql);
}

/** Sets the interval where the server has the setting. On some platforms it has it, but rejects any value except 0. */
async function checkForClient(sql: Sql): Promise<void> {
  try {
    await sql`
      select set_config(name, ${CLIENT_CHECK_INTERVAL_MS}, false) from pg_catalog.pg_settings
      where name = 'client_connection_check_interval'`;
  } catch (error) {
    if (sqlState(error) !== INVALID_PARAMETER_VALUE) throw error;
  }
}

/** Returns the options with which postgres.js connects to one of several hosts, the primary, and verifies it. */
export function serverOptions({ hosts, target, ssl }: Omit<DatabaseUrl, 'url'>): postgres.Options<never> {
  // NOTE: the types of postgres.js declare one host only
  const servers = { host: hosts.map(({ host }) => host), port: hosts.map(({ port }) => port) } as object;
  return {
    ...(hosts.length > 0 && servers),
    ...(target !== undefined && { target_session_attrs: target }),
    ...(ssl && { ssl }),
  };
}

/** Waits for the advisory lock of this database, which is held until the transaction ends. */
export async function lockInTransaction(tx: Sql): Promise<void> {
  await tx`select pg_advisory_xact_lock(${ADVISORY_LOCK_KEY}::bigint)`;
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

/**
 * Removes the time limits of a transaction but that of locks, in milliseconds.
 * NOTE: all of it ends with the transaction, as a pooler requires.
 */
export async function removeLimits(tx: Sql, lockTimeoutMs: number): Promise<void> {
  await tx.unsafe(`
    set local statement_timeout = 0;
    set local idle_in_transaction_session_timeout = 0;
    set local lock_timeout = ${lockTimeoutMs};
    select ${noTransactionTimeout(true)}`);
}
