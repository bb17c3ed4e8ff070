import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Home } from './home.ts';
import { clearLeftover } from './leftover.ts';

const run = promisify(execFile);
const MAJOR = '18';
const STOP_WITHIN_MS = 5_000;
const ENV = { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' };

/**
 * Stops the server (fast shutdown) when standard input ends. We close it to stop, and the kernel closes it when we are
 * killed: no way of dying leaves a server behind. $DOOMED is a directory to remove afterwards.
 */
const SUPERVISOR = `
exec 3<&0
"$@" 3<&- </dev/null &
server=$!
{ read -r _ <&3; kill -INT "$server"; } 2>/dev/null &
watch=$!
exec 3<&-
wait "$server"; code=$?
kill "$watch" 2>/dev/null
[ -z "$DOOMED" ] || rm -rf "$DOOMED"
exit "$code"`;

/** Makes the cluster when there is none. An interrupted attempt leaves nothing that looks like one. */
export async function ensureCluster(home: Home): Promise<void> {
  const version = await readFile(join(home.data, 'PG_VERSION'), 'utf8').catch(() => null);
  if (version?.trim() === MAJOR) return;
  if (version)
    throw new Error(
      `${home.data} was made by PostgreSQL ${version.trim()}, this is ${MAJOR}; start over with --fresh.`,
    );
  const draft = `${home.data}.new`;
  await rm(draft, { recursive: true, force: true });
  const settings = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const access = ['--username=postgres', '--auth=scram-sha-256', `--pwfile=${join(home.dir, 'password')}`];
  const flags = [...settings, ...access, '--no-sync', '--no-instructions', '-D', draft];
  await run(home.binary('initdb'), flags, { ...home.account, cwd: '/', env: ENV }).catch((error) => {
    throw startFailure([error.stderr || error.message]);
  });
  await rename(draft, home.data);
}

export interface ServerOptions {
  port: number;
  settings: Record<string, string>;
  removeAtEnd: boolean;
  log: (line: string) => void;
}

/** Resolves when the server accepts connections; rejects with PostgreSQL's own reason when it does not start. */
export async function launch(home: Home, { port, settings, removeAtEnd, log }: ServerOptions): Promise<ChildProcess> {
  const all = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    timezone: 'UTC',
    log_timezone: 'UTC',
    ...settings,
  };
  const flags = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const command = [home.binary('postgres'), '-D', home.data, '-p', String(port), ...flags];
  // Detached: Ctrl-C in a terminal reaches the whole process group, and the database has to go last.
  const child = spawn('sh', ['-c', SUPERVISOR, 'sh', ...command], {
    ...home.account,
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'pipe'],
    env: { ...ENV, DOOMED: removeAtEnd ? home.dir : '' },
  });
  await readiness(child, log);
  return child;
}

function readiness(child: ChildProcess, log: (line: string) => void): Promise<void> {
  return new Promise((ready, failed) => {
    const reasons: string[] = [];
    child.once('error', failed);
    child.once('exit', () => failed(startFailure(reasons)));
    if (!child.stderr) return failed(new Error('PostgreSQL has no output to read'));
    createInterface({ input: child.stderr }).on('line', (line) => {
      log(line);
      const [reason] = /(FATAL|WARNING|HINT|error).*/.exec(line) ?? [];
      if (reason) reasons.push(reason);
      if (line.includes('ready to accept connections')) ready();
    });
  });
}

function startFailure(reasons: string[]): Error {
  const reason = reasons.join(' ').trim() || 'no reason given';
  // Installed without install scripts, the package lacks the links between its libraries.
  const advice = reason.includes('shared libraries') ? ' Run "npm rebuild".' : '';
  return new Error(`PostgreSQL did not start: ${reason}${advice}`);
}

/** Fast shutdown, then whatever it takes; PostgreSQL recovers at the next start. */
export async function halt(child: ChildProcess, home: Home): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return clearLeftover(home.data);
  const gone = once(child, 'exit');
  child.stdin?.end();
  const patience = new AbortController();
  const late = sleep(STOP_WITHIN_MS, true, { signal: patience.signal }).catch(() => false);
  if (await Promise.race([gone.then(() => false), late])) await clearLeftover(home.data);
  patience.abort();
  await gone;
}
