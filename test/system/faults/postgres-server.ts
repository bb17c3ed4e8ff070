import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres, { type Sql } from 'postgres';
import { removeClusterDirectory } from '../../../dev/postgres/cluster-directory.ts';
import { type Postgres, startPostgres } from '../../../dev/postgres.ts';
import { migrate } from '../../../src/db/migrations.ts';

/** The ways in which PostgreSQL ends, by the signal that asks for each. */
export const ENDINGS = { fast: 'SIGINT', immediate: 'SIGQUIT', killed: 'SIGKILL' } as const;

/** A PostgreSQL of the test's own, as durable as in production, with a migrated database. */
export interface PostgresServer {
  url: string;
  /** Resolves when the server is gone. */
  end(how: keyof typeof ENDINGS): Promise<void>;
  /** Resolves when it takes connections again, on the same port, with the same data. */
  start(): Promise<void>;
  /** Two connections for looking at the database, made when they are needed. */
  sql: Sql;
  close(): Promise<void>;
}

export async function startPostgresServer(): Promise<PostgresServer> {
  const dataDir = join(tmpdir(), `user-service-faults-${randomBytes(4).toString('hex')}`);
  let server = await startPostgres({ dataDir, port: 0 });
  const { port } = server;
  const url = server.url('app');
  await server.ensureDatabase('app');
  await migrate(url);
  const sql = postgres(url, { max: 2, fetch_types: false, backoff: () => 0.05, onnotice: () => undefined });
  return {
    url,
    sql,
    async end(how) {
      const [pid] = (await readFile(join(dataDir, 'data/postmaster.pid'), 'utf8')).split('\n');
      process.kill(Number(pid), ENDINGS[how]);
      await server.exited;
    },
    async start() {
      server = await restart(() => startPostgres({ dataDir, port }));
    },
    async close() {
      await sql.end({ timeout: 1 });
      await server.stop();
      await removeClusterDirectory(dataDir);
    },
  };
}

/** What a killed server has left behind (its children, its lock) may take a moment to go. */
async function restart(start: () => Promise<Postgres>): Promise<Postgres> {
  const deadline = performance.now() + 15_000;
  for (;;) {
    try {
      return await start();
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
  }
}
