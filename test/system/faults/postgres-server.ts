import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres, { type Sql } from 'postgres';
import { removeClusterDirectory } from '../../../dev/postgres/cluster-directory.ts';
import { type Postgres, startPostgres } from '../../../dev/postgres.ts';
import { migrate } from '../../../src/db/migrations.ts';

/** The signals of PostgreSQL's shutdown modes, and of a crash. */
export const SHUTDOWN_SIGNALS = { fast: 'SIGINT', immediate: 'SIGQUIT', killed: 'SIGKILL' } as const;

/** A separate PostgreSQL with the durability of production and a migrated database. */
interface PostgresServer {
  url: string;
  /** Resolves when the server has exited. */
  shutDown(mode: keyof typeof SHUTDOWN_SIGNALS): Promise<void>;
  /** Resolves when the server accepts connections again, on the same port and data. */
  start(): Promise<void>;
  /** A pool of two connections for assertions, opened on demand. */
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
    async shutDown(mode) {
      const [pid] = (await readFile(join(dataDir, 'data/postmaster.pid'), 'utf8')).split('\n');
      process.kill(Number(pid), SHUTDOWN_SIGNALS[mode]);
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

/** Retries the start for up to 15 s: the children and the lock of a killed server may still exist. */
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
