import pg from 'pg';
import { freePort } from './lib/ports.ts';
import { openHome, removeHome } from './postgres/home.ts';
import { clearLeftover } from './postgres/leftover.ts';
import { ensureCluster, halt, launch } from './postgres/server.ts';

/** Made by somebody else meanwhile: PostgreSQL says the second when it notices late. */
const EXISTS_ALREADY = ['42P04', '23505'];

export interface PostgresOptions {
  /** Created when absent. One server at a time: a server left behind by a killed run is stopped first. */
  dataDir: string;
  /** 0 picks a free one. */
  port: number;
  /** False removes `dataDir` at the end, also when this process is killed. */
  persistent?: boolean;
  /** Server settings, such as `{ fsync: 'off' }` for tests. */
  settings?: Record<string, string>;
  log?: (line: string) => void;
}

export interface Postgres {
  port: number;
  /** Names a database of this server, whether it exists or not. */
  url(database: string): string;
  ensureDatabase(name: string): Promise<void>;
  /** Settles when the server is gone. `died` settles too. */
  stop(): Promise<void>;
  /** Settles when the server has ended, for whatever reason. */
  died: Promise<void>;
}

/** PostgreSQL 18 from node_modules: UTF-8, UTC, no locale, on 127.0.0.1 only. It never outlives this process. */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOn(options.port || (await freePort()), options);
    } catch (error) {
      // Another program can take a free port before the server does.
      if (options.port !== 0 || attempt === 3 || !String(error).includes('could not create any TCP')) throw error;
    }
  }
}

async function startOn(port: number, options: PostgresOptions): Promise<Postgres> {
  const { dataDir, persistent = true, settings = {}, log = () => {} } = options;
  const home = await openHome(dataDir);
  await clearLeftover(home.data);
  await ensureCluster(home);
  const child = await launch(home, { port, settings, removeAtEnd: !persistent, log });
  const url = (database: string) => `postgres://postgres:${home.password}@127.0.0.1:${port}/${database}`;
  return {
    port,
    url,
    ensureDatabase: (name) => createDatabase(url('postgres'), name),
    died: new Promise((resolve) => child.once('exit', () => resolve())),
    async stop() {
      await halt(child, home);
      if (!persistent) await removeHome(dataDir);
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
    if (!code || !EXISTS_ALREADY.includes(code)) throw error;
  } finally {
    await client.end();
  }
}
