import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { ClusterDirectory } from './cluster-directory.ts';
import { stopStalePostmaster } from './stale-postmaster.ts';

const run = promisify(execFile);
const MAJOR_VERSION = '18';
/** Time for a fast shutdown before the server is stopped by signals. */
const STOP_TIMEOUT_MS = 5_000;
const ENV = { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' };

/**
 * Runs the server and sends it SIGINT (fast shutdown) when standard input ends. This process closes the pipe to stop
 * the server; the kernel closes the pipe when this process is killed. Removes the directory $REMOVE_ON_EXIT afterwards.
 */
const WATCHDOG_SCRIPT = `
exec 3<&0
"$@" 3<&- </dev/null &
server=$!
{ read -r _ <&3; kill -INT "$server"; } 2>/dev/null &
watchdog=$!
exec 3<&-
wait "$server"; code=$?
kill "$watchdog" 2>/dev/null
[ -z "$REMOVE_ON_EXIT" ] || rm -rf "$REMOVE_ON_EXIT"
exit "$code"`;

/**
 * Runs initdb unless the cluster exists. It writes to a temporary directory: an interrupted run leaves no cluster.
 * @throws Error when another major version of PostgreSQL created the cluster
 */
export async function initCluster(cluster: ClusterDirectory): Promise<void> {
  const version = await readFile(join(cluster.pgdata, 'PG_VERSION'), 'utf8').catch(() => null);
  if (version?.trim() === MAJOR_VERSION) return;
  if (version)
    throw new Error(
      `PostgreSQL ${version.trim()} created ${cluster.pgdata}; expected version ${MAJOR_VERSION}: delete the data with --fresh.`,
    );
  const temporary = `${cluster.pgdata}.new`;
  await rm(temporary, { recursive: true, force: true });
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const access = ['--username=postgres', '--auth=scram-sha-256', `--pwfile=${cluster.passwordFile}`];
  const flags = [...locale, ...access, '--no-sync', '--no-instructions', '-D', temporary];
  await run(cluster.binary('initdb'), flags, { ...cluster.account, cwd: '/', env: ENV }).catch((error) => {
    throw startError([error.stderr || error.message]);
  });
  await rename(temporary, cluster.pgdata);
}

interface ServerOptions {
  port: number;
  settings: Record<string, string>;
  removeOnExit: boolean;
  log: (line: string) => void;
}

/**
 * Starts the server and resolves when it accepts connections.
 * @throws Error with PostgreSQL's messages when the server does not start
 */
export async function startServer(cluster: ClusterDirectory, options: ServerOptions): Promise<ChildProcess> {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    timezone: 'UTC',
    log_timezone: 'UTC',
    ...options.settings,
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const command = [cluster.binary('postgres'), '-D', cluster.pgdata, '-p', String(options.port), ...flags];
  // Detached, because Ctrl-C in a terminal signals the whole process group and the database has to stop last.
  const child = spawn('sh', ['-c', WATCHDOG_SCRIPT, 'sh', ...command], {
    ...cluster.account,
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'pipe'],
    env: { ...ENV, REMOVE_ON_EXIT: options.removeOnExit ? cluster.path : '' },
  });
  await waitUntilReady(child, options.log);
  return child;
}

function waitUntilReady(child: ChildProcess, log: (line: string) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const messages: string[] = [];
    child.once('error', reject);
    child.once('exit', () => reject(startError(messages)));
    if (!child.stderr) return reject(new Error('The PostgreSQL process has no standard error; expected a pipe.'));
    createInterface({ input: child.stderr }).on('line', (line) => {
      log(line);
      const [message] = /(FATAL|WARNING|HINT|error).*/.exec(line) ?? [];
      if (message) messages.push(message);
      if (/ready to accept (read-only )?connections/.test(line)) resolve();
    });
  });
}

function startError(messages: string[]): Error {
  const reason = messages.join(' ').trim() || 'no reason given';
  // Without install scripts, the package lacks the symbolic links between its libraries.
  const advice = reason.includes('shared libraries') ? ' Run "npm rebuild".' : '';
  return new Error(`PostgreSQL did not start: ${reason}${advice}`);
}

/** Stops the server with a fast shutdown, then by signals. PostgreSQL recovers at its next start. */
export async function stopServer(child: ChildProcess, cluster: ClusterDirectory): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return stopStalePostmaster(cluster.pgdata);
  const exited = once(child, 'exit');
  child.stdin?.end();
  const timer = new AbortController();
  const timedOut = sleep(STOP_TIMEOUT_MS, true, { signal: timer.signal }).catch(() => false);
  if (await Promise.race([exited.then(() => false), timedOut])) await stopStalePostmaster(cluster.pgdata);
  timer.abort();
  await exited;
}
