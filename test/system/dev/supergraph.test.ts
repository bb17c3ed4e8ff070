import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, readFile, rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isBlockedPort, isPortFree } from '../../../dev/lib/ports.ts';
import { execute } from './graphql.ts';

const run = promisify(execFile);
const POLL = { timeout: 15_000, interval: 100 };

let base: number;
let ports: number[];
let supervisor: ChildProcess | undefined;
const lines: string[] = [];

/** Picks free ports, away from those of a running supergraph and of other test runs. */
beforeAll(async () => {
  do {
    base = 5000 + Math.floor(Math.random() * 9000);
    ports = [base, base + 1, base + 2, 54_329 + base - 4000];
  } while (ports.some(isBlockedPort) || (await Promise.all(ports.map(isPortFree))).includes(false));
});

afterEach(() => supervisor?.kill('SIGKILL'));
afterAll(() => rm(`.dev/${base}`, { recursive: true, force: true }));

const env = () => {
  const { DATABASE_URL: _, GATEWAY_SECRET: __, npm_lifecycle_event: ___, ...rest } = process.env;
  return { ...rest, DEV_PORT_BASE: String(base) };
};

async function startSupergraph(...flags: string[]) {
  lines.length = 0;
  const started = spawn(process.execPath, ['dev/main.ts', ...flags], { env: env(), stdio: ['ignore', 'pipe', 'pipe'] });
  supervisor = started;
  for (const output of [started.stdout, started.stderr]) createInterface(output).on('line', (line) => lines.push(line));
  await expect.poll(() => lines.at(-1), { timeout: 120_000, interval: 100 }).toBe('supergraph ready');
  return { started, ended: once(started, 'close') };
}

const printToken = async (name: string) => run(process.execPath, ['dev/token.ts', name], { env: env() });
const failureOf = (command: Promise<unknown>) =>
  command.then(
    () => null,
    ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
  );
const hasPidFile = () =>
  access(`.dev/${base}/postgres/data/postmaster.pid`).then(
    () => true,
    () => false,
  );
const countFreePorts = async () => (await Promise.all(ports.map(isPortFree))).filter(Boolean).length;

describe('npm run dev', () => {
  it.each(['99999', 'x', '5998'])('rejects DEV_PORT_BASE=%s with a one-line message', async (port) => {
    const rejection = await failureOf(
      run(process.execPath, ['dev/main.ts'], { env: { ...env(), DEV_PORT_BASE: port } }),
    );
    expect(rejection).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/^DEV_PORT_BASE.*\.\n$/) });
  });

  it('serves the supergraph, rejects a second run, and stops every process', { timeout: 90_000 }, async () => {
    const { started, ended } = await startSupergraph('--fresh');
    const { stdout } = await printToken('ada');
    expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    const query = '{ me { username statistics { totalGoals } } }';
    const { data } = await execute(`http://localhost:${base}`, { query, token: stdout.trim() });
    expect(data).toEqual({ me: { username: 'ada', statistics: { totalGoals: 4 } } });

    const unknown = await failureOf(printToken('unknown'));
    expect(unknown).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/^No demo user .*\n$/) });
    const second = await failureOf(run(process.execPath, ['dev/main.ts'], { env: env() }));
    expect(second).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^The supergraph is already running .*\n$/),
    });

    started.kill('SIGINT');
    expect(await ended).toEqual([0, null]);
    expect(await countFreePorts()).toBe(4);
    expect(await hasPidFile()).toBe(false);
    expect(await failureOf(printToken('ada'))).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('npm run dev'),
    });
  });

  it('stops every process when it is killed, and keeps its data for the next start', {
    timeout: 120_000,
  }, async () => {
    const first = await startSupergraph();
    first.started.kill('SIGKILL');
    await expect.poll(countFreePorts, POLL).toBe(4);

    const second = await startSupergraph();
    const query = '{ learner(id: "ada") { statistics { totalGoals } } }';
    const { data } = await execute(`http://localhost:${base}`, { query });
    expect(data).toEqual({ learner: { statistics: { totalGoals: 4 } } });

    const postmasterPid = Number.parseInt(await readFile(`.dev/${base}/postgres/data/postmaster.pid`, 'utf8'), 10);
    process.kill(postmasterPid, 'SIGKILL');
    expect(await second.ended).toEqual([1, null]);
    expect(lines).toContain('postgres ended: stopping the other processes.');
    await expect.poll(countFreePorts, POLL).toBe(4);
  });
});
