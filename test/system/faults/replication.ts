import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { appendFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { removeClusterDirectory } from '../../../dev/postgres/cluster-directory.ts';
import { type Postgres, startPostgres } from '../../../dev/postgres.ts';
import { migrate } from '../../../src/db/migrations.ts';

/** Enough WAL for a standby that starts late. */
const SETTINGS = { wal_keep_size: '256MB' };

/** A migrated primary with a streaming standby. */
interface Replication {
  /** A URL that names both hosts, the standby first. */
  url: string;
  /** Opens a pool on the standby. */
  standby: postgres.Sql;
  /** Stops the primary with a fast shutdown: it sends all of its WAL to the standby before it ends. */
  stopPrimary(): Promise<void>;
  /** Promotes the standby, and resolves when it accepts writes. */
  promote(): Promise<void>;
  close(): Promise<void>;
}

export async function startReplication(): Promise<Replication> {
  const [primaryDir, standbyDir] = [newDirectory(), newDirectory()];
  const first = await startPostgres({ dataDir: primaryDir, port: 0, settings: SETTINGS });
  await first.ensureDatabase('app');
  await migrate(first.url('app'));
  await first.stop();
  // The owner of the files is the account of the server.
  execFileSync('cp', ['-a', primaryDir, standbyDir]);
  const { password } = new URL(first.url('app'));
  const conninfo = `host=127.0.0.1 port=${first.port} user=postgres password=${password}`;
  await appendFile(join(standbyDir, 'data/postgresql.auto.conf'), `primary_conninfo = '${conninfo}'\n`);
  await writeFile(join(standbyDir, 'data/standby.signal'), '');

  const servers: Postgres[] = [];
  const primary = await startPostgres({ dataDir: primaryDir, port: first.port, settings: SETTINGS });
  servers.push(primary);
  const secondary = await startPostgres({ dataDir: standbyDir, port: 0, settings: SETTINGS });
  servers.push(secondary);
  const standby = postgres(secondary.url('app'), { max: 2, fetch_types: false, onnotice: () => undefined });
  const [one, two] = [secondary, primary].map(({ port }) => `127.0.0.1:${port}`);
  return {
    url: secondary.url('app').replace(`${one}/`, `${one},${two}/`),
    standby,
    stopPrimary: () => primary.stop(),
    async promote() {
      await standby`select pg_promote()`;
    },
    async close() {
      await standby.end({ timeout: 1 });
      for (const server of servers.reverse()) await server.stop();
      await removeClusterDirectory(primaryDir);
      await removeClusterDirectory(standbyDir);
    },
  };
}

function newDirectory(): string {
  return join(tmpdir(), `user-service-replication-${randomBytes(4).toString('hex')}`);
}
