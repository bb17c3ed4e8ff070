import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { access, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { isPortFree } from '../../../dev/lib/ports.ts';
import { openClusterDirectory } from '../../../dev/postgres/cluster-directory.ts';
import { startPostgres } from '../../../dev/postgres.ts';
import { findTestPort } from '../../support/ports.ts';

const settings = { fsync: 'off' };
let dataDir: string;

beforeEach(() => {
  dataDir = join(tmpdir(), `postgres-test-${randomBytes(4).toString('hex')}`);
});

afterEach(() => rm(dataDir, { recursive: true, force: true }));

async function query(url: string, sql: string) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

it('uses UTF-8, UTC and the C.UTF-8 locale, and listens on the loopback address only', async () => {
  const server = await startPostgres({ dataDir, port: 0, settings });
  const sql = `select current_setting('server_encoding') encoding, current_setting('TimeZone') zone,
                      current_setting('listen_addresses') addresses, current_setting('fsync') fsync,
                      datlocprovider provider, datlocale locale from pg_database where datname = 'postgres'`;
  const rows = await query(server.url('postgres'), sql).finally(server.stop);
  const locale = { provider: 'b', locale: 'C.UTF-8' };
  expect(rows).toEqual([{ encoding: 'UTF8', zone: 'UTC', addresses: '127.0.0.1', fsync: 'off', ...locale }]);
});

it('rejects a connection with a wrong password', async () => {
  const server = await startPostgres({ dataDir, port: 0, settings });
  const url = new URL(server.url('postgres'));
  url.password = 'guess';
  await expect(query(url.href, 'select 1').finally(server.stop)).rejects.toThrow('password authentication failed');
});

it('keeps its databases across restarts, and removes postmaster.pid when it stops', async () => {
  const first = await startPostgres({ dataDir, port: 0, settings });
  await Promise.all([first.ensureDatabase('kept'), first.ensureDatabase('kept')]);
  await query(first.url('kept'), 'create table kept as select 7 as value');
  await first.stop();
  expect(await exists(join(dataDir, 'data/postmaster.pid'))).toBe(false);
  const second = await startPostgres({ dataDir, port: 0, settings });
  await second.ensureDatabase('kept');
  expect(await query(second.url('kept'), 'select value from kept').finally(second.stop)).toEqual([{ value: 7 }]);
});

it('removes its data and frees its port when it stops, unless it is persistent', async () => {
  const server = await startPostgres({ dataDir, port: await findTestPort(), persistent: false, settings });
  await server.stop();
  expect(await exists(dataDir)).toBe(false);
  expect(await isPortFree(server.port)).toBe(true);
});

it('stops and removes its data when the process that started it is killed', async () => {
  const port = await findTestPort();
  const module = fileURLToPath(new URL('../../../dev/postgres.ts', import.meta.url));
  const script = `import { startPostgres } from ${JSON.stringify(module)};
    await startPostgres({ dataDir: ${JSON.stringify(dataDir)}, port: ${port}, persistent: false });
    console.log('up');`;
  const starter = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(starter.stdout, 'data');
  starter.kill('SIGKILL');
  await expect.poll(() => exists(dataDir), { timeout: 10_000 }).toBe(false);
  expect(await isPortFree(port)).toBe(true);
});

it('stops a stale server on its data directory', async () => {
  const first = await startPostgres({ dataDir, port: await findTestPort(), settings });
  await first.stop();
  const cluster = await openClusterDirectory(dataDir);
  const flags = ['-D', cluster.pgdata, '-p', String(first.port), '-c', 'unix_socket_directories='];
  const stale = spawn(cluster.binary('postgres'), flags, {
    ...cluster.account,
    cwd: '/',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await once(stale.stderr, 'data');
  const exited = once(stale, 'exit');
  const second = await startPostgres({ dataDir, port: first.port, settings });
  await second.stop();
  expect((await exited)[0]).toBe(0);
});

it('starts when the process id in postmaster.pid belongs to another program', async () => {
  const first = await startPostgres({ dataDir, port: 0, settings });
  await first.stop();
  await writeFile(join(dataDir, 'data/postmaster.pid'), `${process.pid}\n`);
  const second = await startPostgres({ dataDir, port: 0, settings });
  await second.stop();
});

it('reports why it cannot start', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as { port: number };
  await expect(startPostgres({ dataDir, port, settings })).rejects.toThrow(`already running on port ${port}`);
  taken.close();
});
