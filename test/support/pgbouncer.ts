import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import postgres from 'postgres';
import { findTestPort } from './ports.ts';

/** Debian's package installs the program here, which is not in the PATH of every user. */
const PATH = `${process.env.PATH}:/usr/sbin`;

export const hasPgBouncer = spawnSync('pgbouncer', ['--version'], { env: { PATH } }).status === 0;

/** Connections to the server: fewer than a service opens, except where each of its connections needs one. */
const POOL_SIZES = { session: 40, transaction: 10 };

interface PgBouncer {
  /** Returns the URL of the same database through PgBouncer. */
  url(databaseUrl: string, parameters?: string): string;
  /** Resolves when PgBouncer accepts connections, on the same port. */
  start(): Promise<void>;
  /** Kills PgBouncer with SIGKILL. */
  kill(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Creates a PgBouncer before the server of `serverUrl`. It runs after `start`, as an unprivileged account.
 * @param settings further lines of the configuration file
 */
export async function createPgBouncer(
  serverUrl: string,
  mode: 'session' | 'transaction',
  settings = '',
): Promise<PgBouncer> {
  const server = new URL(serverUrl);
  const directory = await mkdtemp(join(tmpdir(), 'user-service-pgbouncer-'));
  const port = await findTestPort();
  const file = join(directory, 'pgbouncer.ini');
  const users = join(directory, 'users.txt');
  await writeFile(users, `"${server.username}" "${decodeURIComponent(server.password)}"\n`);
  await writeFile(
    file,
    `[databases]
* = host=${server.hostname} port=${server.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = trust
auth_file = ${users}
pool_mode = ${mode}
default_pool_size = ${POOL_SIZES[mode]}
max_client_conn = 200
${settings}
`,
  );
  await chmod(directory, 0o755);
  const url = (databaseUrl: string, parameters = '') => {
    const through = new URL(databaseUrl);
    through.host = `127.0.0.1:${port}`;
    through.search = parameters;
    return through.href;
  };
  let child: ChildProcess | undefined;
  const kill = async () => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  return {
    url,
    kill,
    async start() {
      child = spawn('pgbouncer', ['-q', file], { env: { PATH }, stdio: 'ignore', ...unprivilegedAccount() });
      await untilReady(url(serverUrl));
    },
    async close() {
      await kill();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** PgBouncer does not run as root. */
function unprivilegedAccount(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

async function untilReady(url: string): Promise<void> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    const sql = postgres(url, { max: 1, fetch_types: false });
    try {
      await sql`select 1`.simple();
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await delay(20);
    } finally {
      await sql.end({ timeout: 0 });
    }
  }
}
