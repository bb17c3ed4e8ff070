import {
  type AdminConnection,
  openAdminConnection,
  SERVICE_APPLICATION_NAME,
  type Sql,
  type SqlFragment,
  tryLockDatabase,
} from '../../db/admin-connection.ts';
import { CutoverError } from '../cutover-error.ts';

const SETTINGS = {
  TimeZone: 'UTC',
  DateStyle: 'ISO',
  standard_conforming_strings: 'on',
  search_path: 'public',
  default_transaction_isolation: 'read committed',
  // Fails on row-level security instead of silently skipping the rows that a policy hides.
  row_security: 'off',
  // Seconds.
  tcp_keepalives_idle: '30',
  tcp_keepalives_interval: '10',
  tcp_keepalives_count: '3',
};

/** The code with which PgBouncer rejects settings of a session: protocol_violation. */
const UNSUPPORTED_PARAMETER = '08P01';

/** Opens a session whose settings do not depend on the defaults of the role, the database or the URL. */
export async function openCutoverSession(databaseUrl: string, command: string): Promise<AdminConnection> {
  try {
    const settings = { application_name: `user-service legacy ${command}`, ...SETTINGS };
    return await openAdminConnection(databaseUrl, settings);
  } catch (error) {
    if ((error as { code?: unknown }).code === UNSUPPORTED_PARAMETER) throw new PoolerError();
    throw error;
  }
}

/**
 * Requires a connection to the server itself.
 * @throws CutoverError when a pooler has ignored the settings of the session: it would also lose the advisory lock
 */
export async function requireDirectConnection(sql: Sql): Promise<void> {
  const [row] = await sql<{ setting: string }[]>`select current_setting('row_security') as setting`;
  if (row?.setting !== SETTINGS.row_security) throw new PoolerError();
}

/**
 * Takes the advisory lock of the database until the session ends.
 * @throws CutoverError when another session holds it
 */
export async function lockDatabase(connection: AdminConnection): Promise<void> {
  if (await tryLockDatabase(connection)) return;
  throw new CutoverError('Another migration is running on this database. Wait until it ends and try again.');
}

class PoolerError extends CutoverError {
  constructor() {
    super(
      'DATABASE_URL leads to a connection pooler, but the cut-over locks the database for its whole session: ' +
        'set it to the PostgreSQL server itself.',
    );
  }
}

export interface SessionCount {
  application: string;
  sessions: number;
}

/** Counts the other client sessions of this database by application. Roles without privileges see no backend type. */
export async function listOtherSessions(sql: Sql): Promise<SessionCount[]> {
  return sql<SessionCount[]>`
    select coalesce(nullif(application_name, ''), 'without a name') as application, count(*)::int as sessions
    from pg_catalog.pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()
      and usesysid is not null and coalesce(backend_type, 'client backend') = 'client backend'
    group by 1 order by 1`;
}

export function formatSessions(count: number): string {
  return `${count} ${count === 1 ? 'session' : 'sessions'}`;
}

/**
 * Returns the condition that an `application_name` is that of the service. With `application_name_add_host`, PgBouncer
 * appends the address of the client: `user-service - 10.0.0.7:50212`.
 */
export function isService(sql: Sql, column: SqlFragment): SqlFragment {
  const withHost = `${SERVICE_APPLICATION_NAME} - %`;
  return sql`(${column} = ${SERVICE_APPLICATION_NAME} or ${column} like ${withHost})`;
}

/**
 * Requires that the service is stopped.
 * @throws CutoverError while replicas of it, or idle connections of a pooler that they used, are connected
 */
export async function requireNoService(sql: Sql): Promise<void> {
  const [row] = await sql<{ sessions: number }[]>`
    select count(*)::int as sessions from pg_catalog.pg_stat_activity
    where datname = current_database() and ${isService(sql, sql`application_name`)}`;
  const sessions = row?.sessions ?? 0;
  if (sessions === 0) return;
  throw new CutoverError(
    `The user-service is connected to this database (${formatSessions(sessions)}). ` +
      'Stop all of its replicas and run the command again. A pooler keeps connections of stopped replicas for minutes: ' +
      'close them, in PgBouncer with RECONNECT on its console.',
  );
}
