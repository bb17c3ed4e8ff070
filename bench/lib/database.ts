import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import postgres, { type Sql } from 'postgres';
import { print } from '../../dev/lib/output.ts';
import { type Postgres, startPostgres } from '../../dev/postgres.ts';
import { migrate } from '../../src/db/migrations.ts';
import { pinProcesses } from './cores.ts';
import { PEOPLE, seed } from './seed.ts';
import { familyOf } from './usage.ts';

export const DATA_DIR = fileURLToPath(new URL('../../.dev/bench/postgres', import.meta.url));

/** Statements are counted in rounds of their own; while there is timing, nothing is collected or vacuumed. */
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
  /** Of the server's first process, the parent of all others. */
  pid: number;
  server: Postgres;
  /** How many statements PostgreSQL executes while `work` runs, those that begin and end transactions included. */
  countStatements(work: () => Promise<void>): Promise<number>;
  stop(): Promise<void>;
}

/** A PostgreSQL of our own with the seeded data, which are kept for the next run. */
export async function openDatabase(cores: string | undefined): Promise<Database> {
  const server = await startPostgres({ dataDir: DATA_DIR, port: 0, settings: SETTINGS });
  try {
    return await furnish(server, cores);
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function furnish(server: Postgres, cores: string | undefined): Promise<Database> {
  const pid = Number.parseInt(readFileSync(join(DATA_DIR, 'data/postmaster.pid'), 'utf8'), 10);
  pinProcesses(familyOf(pid), cores);
  await server.ensureDatabase('bench');
  const url = server.url('bench');
  await migrate(url);
  const sql = postgres(url, { max: 1, onnotice: () => undefined });
  await sql`create extension if not exists pg_stat_statements`;
  await track(sql, 'none');
  if (await seed(sql)) print(`seeded ${PEOPLE} people`);
  const [row] = await sql`show server_version`;
  return {
    url,
    sql,
    version: row?.server_version,
    pid,
    server,
    countStatements: (work) => countStatements(sql, work),
    async stop() {
      await sql.end({ timeout: 1 });
      await server.stop();
    },
  };
}

async function countStatements(sql: Sql, work: () => Promise<void>): Promise<number> {
  await track(sql, 'top');
  await sql`select pg_stat_statements_reset()`;
  await work();
  const [row] = await sql`
    select coalesce(sum(calls), 0)::int as calls from pg_stat_statements where query not like '%pg_stat_statements%'`;
  await track(sql, 'none');
  return row?.calls;
}

async function track(sql: Sql, what: 'none' | 'top'): Promise<void> {
  await sql`alter system set pg_stat_statements.track = ${sql.unsafe(what)}`;
  await sql`select pg_reload_conf()`;
  // Sessions notice between two statements.
  await sql`select pg_sleep(0.1)`;
}
