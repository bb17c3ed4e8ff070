import postgres from 'postgres';
import { print } from '../../dev/lib/output.ts';
import { migrate } from '../../src/db/migrations.ts';
import type { Environment } from '../environment/environment.ts';
import { serviceProgram } from '../processes/programs.ts';
import { type ServerProcess, startServer } from '../processes/server-process.ts';
import { formatNumber } from '../report/format-number.ts';

interface SizedTable {
  name: 'badges' | 'activities';
  rows: number;
  /** Fills the empty database and collects the planner's statistics. Foreign keys are not checked. */
  fill(sql: postgres.Sql): Promise<void>;
}

/** Starts the service on a database of its own with this table. Disposing `stack` stops it and drops the database. */
export async function startSizedService(
  { cores, database, programOptions }: Environment,
  table: SizedTable,
  stack: AsyncDisposableStack,
): Promise<ServerProcess> {
  const name = `bench_${table.name}_${table.rows}`;
  stack.defer(async () => void (await database.sql.unsafe(`drop database if exists ${name} with (force)`)));
  await database.server.ensureDatabase(name);
  const databaseUrl = database.server.url(name);
  await fillDatabase(databaseUrl, table);
  const server = await startServer({ ...serviceProgram({ ...programOptions, databaseUrl }), name }, cores.server);
  stack.defer(server.stop);
  return server;
}

async function fillDatabase(url: string, { name, rows, fill }: SizedTable): Promise<void> {
  await migrate(url);
  const sql = postgres(url, { max: 1, onnotice: () => undefined });
  const start = performance.now();
  try {
    // Skips the foreign key check of each row.
    await sql`set session_replication_role = replica`;
    await sql`truncate auth_users, idempotency_keys restart identity cascade`;
    await fill(sql);
  } finally {
    await sql.end();
  }
  print(`Inserted ${rows.toLocaleString('en')} ${name} in ${formatNumber((performance.now() - start) / 1000)} s.`);
}
