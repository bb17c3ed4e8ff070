import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { PORTS, STATE_DIR } from '../config.ts';
import { CliError } from '../lib/cli-error.ts';
import { printError } from '../lib/output.ts';
import { removeClusterDirectory } from '../postgres/cluster-directory.ts';
import { stopStalePostmaster } from '../postgres/stale-postmaster.ts';
import { type Postgres, startPostgres } from '../postgres.ts';
import type { ManagedProcess } from './managed-process.ts';
import type { Supervisor } from './supervisor.ts';

const DATA_DIR = fileURLToPath(new URL('postgres', STATE_DIR));
const AUTH_SCHEMA = 'auth_service';

/** The database URL of each service. */
export interface Databases {
  users: string;
  auth: string;
}

/** Opens the databases on the server of `databaseUrl`, or on an embedded server without one. */
export function openDatabases(supervisor: Supervisor, databaseUrl: string | undefined): Promise<Databases> {
  return databaseUrl ? openExternal(databaseUrl) : openEmbedded(supervisor);
}

/** Removes the data of the embedded server. Data on the server of DATABASE_URL belongs to the developer and stays. */
export const removeEmbeddedData = (): Promise<void> => removeClusterDirectory(DATA_DIR);

/** Frees the data directory and the port of an embedded server that a killed run left running. */
export async function stopStaleServer(): Promise<void> {
  const directory = await realpath(DATA_DIR).catch(() => null);
  if (directory) await stopStalePostmaster(join(directory, 'data'));
}

async function openEmbedded(supervisor: Supervisor): Promise<Databases> {
  // Errors of single statements, such as unique violations, are part of normal operation; the services report theirs.
  const log = (line: string) => {
    if (/FATAL|PANIC/.test(line)) printError(`[postgres] ${line}`);
  };
  const starting = startPostgres({ dataDir: DATA_DIR, port: PORTS.postgres, log });
  supervisor.add(toManagedProcess(starting));
  const server = await starting.catch((error: Error) => {
    throw new CliError(error.message);
  });
  await Promise.all([server.ensureDatabase('users'), server.ensureDatabase('auth')]);
  return { users: server.url('users'), auth: server.url('auth') };
}

/** Wraps a server that may still be starting: `stop` waits for the start. The caller reports a failed start. */
function toManagedProcess(starting: Promise<Postgres>): ManagedProcess {
  const started = starting.catch(() => null);
  return {
    name: 'postgres',
    ready: started.then(() => {}),
    exited: started.then((server) => server?.exited ?? new Promise(() => {})).then(() => 'postgres ended'),
    stop: async () => (await started)?.stop(),
    // The server ends with this process.
    kill: () => {},
  };
}

/** The user-service uses the database's default schema, the auth-service a schema of its own. */
async function openExternal(databaseUrl: string): Promise<Databases> {
  const client = new pg.Client({ connectionString: databaseUrl });
  try {
    await client.connect();
    await client.query(`create schema if not exists ${AUTH_SCHEMA}`);
  } catch (error) {
    throw new CliError(`The database of DATABASE_URL is not usable: ${(error as Error).message}.`);
  } finally {
    await client.end().catch(() => {});
  }
  const auth = new URL(databaseUrl);
  auth.searchParams.set('options', `-csearch_path=${AUTH_SCHEMA}`);
  return { users: databaseUrl, auth: auth.href };
}
