import pg from 'pg';
import { findFreePort } from './lib/ports.ts';
import { openClusterDirectory, removeClusterDirectory } from './postgres/cluster-directory.ts';
import { initCluster, startServer, stopServer } from './postgres/server.ts';
import { stopStalePostmaster } from './postgres/stale-postmaster.ts';

/** Two clients created the database at the same time: duplicate_database, or unique_violation when detected late. */
const DATABASE_EXISTS = ['42P04', '23505'];
/** Attempts to start on a free port, which another process can take first. */
const MAX_ATTEMPTS = 3;

interface PostgresOptions {
  /** Created when absent. Only one server may use it: a server that a killed process left behind is stopped first. */
  dataDir: string;
  /** 0 picks a free port. */
  port: number;
  /** False removes `dataDir` when the server stops, even after this process was killed. */
  persistent?: boolean;
  /** Server settings, such as `{ fsync: 'off' }` for tests. */
  settings?: Record<string, string>;
  log?: (line: string) => void;
}

export interface Postgres {
  port: number;
  /** Returns the URL of a database of this server, whether or not the database exists. */
  url(database: string): string;
  ensureDatabase(name: string): Promise<void>;
  /** Settles, as does `exited`, when the server has ended. */
  stop(): Promise<void>;
  /** Settles when the server has ended for any reason. */
  exited: Promise<void>;
}

/**
 * Starts PostgreSQL 18 from node_modules on 127.0.0.1, with UTF-8, UTC and the C.UTF-8 locale.
 * The server ends with this process, even when this process is killed.
 */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnPort(options.port || (await findFreePort()), options);
    } catch (error) {
      const isPortTaken = String(error).includes('could not create any TCP');
      if (options.port !== 0 || attempt === MAX_ATTEMPTS || !isPortTaken) throw error;
    }
  }
}

async function startOnPort(port: number, options: PostgresOptions): Promise<Postgres> {
  const { dataDir, persistent = true, settings = {}, log = () => {} } = options;
  const cluster = await openClusterDirectory(dataDir);
  await stopStalePostmaster(cluster.pgdata);
  await initCluster(cluster);
  const server = await startServer(cluster, { port, settings, removeOnExit: !persistent, log });
  const url = (database: string) => `postgres://postgres:${cluster.password}@127.0.0.1:${port}/${database}`;
  return {
    port,
    url,
    ensureDatabase: (name) => createDatabase(url('postgres'), name),
    exited: new Promise((resolve) => server.once('exit', () => resolve())),
    async stop() {
      await stopServer(server, cluster);
      if (!persistent) await removeClusterDirectory(dataDir);
    },
  };
}

async function createDatabase(url: string, name: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [name]);
    if (rowCount === 0) await client.query(`create database ${client.escapeIdentifier(name)}`);
  } catch (error) {
    const code = error instanceof pg.DatabaseError && error.code;
    if (!code || !DATABASE_EXISTS.includes(code)) throw error;
  } finally {
    await client.end();
  }
}
