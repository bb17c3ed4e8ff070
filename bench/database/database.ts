import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import postgres, { type Sql } from 'postgres';
import { print } from '../../dev/lib/output.ts';
import { type Postgres, startPostgres } from '../../dev/postgres.ts';
import { migrate } from '../../src/db/migrations.ts';
import { pinProcesses } from '../processes/cpu-pinning.ts';
import { processTree } from '../processes/resource-usage.ts';
import { seed, USERS } from './seed.ts';
import { installStatementCount } from './statement-count.ts';

/** Kept between runs, so that only the first run seeds the data. */
export const DATA_DIR = fileURLToPath(new URL('../../.dev/bench/postgres', import.meta.url));

/** The data fits into the buffers, and no vacuum or checkpoint runs during a measurement. */
const SETTINGS = {
  shared_preload_libraries: 'pg_stat_statements',
  autovacuum: 'off',
  shared_buffers: '4GB',
  max_wal_size: '8GB',
  checkpoint_timeout: '1h',
  max_connections: '400',
};

export interface Database {
  url: string;
  sql: Sql;
  version: string;
  /** The postmaster, which is the parent of all PostgreSQL processes. */
  pid: number;
  server: Postgres;
  stop(): Promise<void>;
}

/** Starts PostgreSQL on these cores with the migrated and seeded database `bench`. */
export async function startDatabase(cores: string | undefined): Promise<Database> {
  const server = await startPostgres({ dataDir: DATA_DIR, port: 0, settings: SETTINGS });
  try {
    return await prepareDatabase(server, cores);
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function prepareDatabase(server: Postgres, cores: string | undefined): Promise<Database> {
  const pid = Number.parseInt(readFileSync(join(DATA_DIR, 'data/postmaster.pid'), 'utf8'), 10);
  pinProcesses(processTree(pid), cores);
  await server.ensureDatabase('bench');
  const url = server.url('bench');
  await migrate(url);
  const sql = postgres(url, { max: 1, onnotice: () => undefined });
  await installStatementCount(sql);
  if (await seed(sql)) print(`Seeded ${USERS} users.`);
  const [row] = await sql`show server_version`;
  return {
    url,
    sql,
    version: row?.server_version,
    pid,
    server,
    async stop() {
      await sql.end({ timeout: 1 });
      await server.stop();
    },
  };
}
