import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, readFile, rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isBlocked, isPortFree } from '../../../dev/lib/ports.ts';
import { ask } from './ask.ts';

const run = promisify(execFile);
const PATIENCE = { timeout: 15_000, interval: 100 };

let base: number;
let ports: number[];
let stack: ChildProcess | undefined;
const lines: string[] = [];

/** Away from a stack that may be running, and from other test runs. */
beforeAll(async () => {
  do {
    base = 5000 + Math.floor(Math.random() * 9000);
    ports = [base, base + 1, base + 2, 54_329 + base - 4000];
  } while (ports.some(isBlocked) || (await Promise.all(ports.map(isPortFree))).includes(false));
});

afterEach(() => stack?.kill('SIGKILL'));
afterAll(() => rm(`.dev/${base}`, { recursive: true, force: true }));

const env = () => {
  const { DATABASE_URL: _, GATEWAY_SECRET: __, npm_lifecycle_event: ___, ...rest } = process.env;
  return { ...rest, DEV_PORT_BASE: String(base) };
};

async function startStack(...flags: string[]) {
  lines.length = 0;
  const started = spawn(process.execPath, ['dev/main.ts', ...flags], { env: env(), stdio: ['ignore', 'pipe', 'pipe'] });
  stack = started;
  for (const output of [started.stdout, started.stderr]) createInterface(output).on('line', (line) => lines.push(line));
  await expect.poll(() => lines.at(-1), { timeout: 60_000, interval: 100 }).toBe('supergraph ready');
  return { started, ended: once(started, 'close') };
}

const token = async (name: string) => run(process.execPath, ['dev/token.ts', name], { env: env() });
const failure = (ran: Promise<unknown>) =>
  ran.then(
    () => null,
    ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
  );
const locked = () =>
  access(`.dev/${base}/postgres/data/postmaster.pid`).then(
    () => true,
    () => false,
  );
const freePorts = async () => (await Promise.all(ports.map(isPortFree))).filter(Boolean).length;

describe('npm run dev', () => {
  it.each(['99999', 'x', '5998'])('refuses to start at port %s, in a sentence', async (port) => {
    const refused = await failure(run(process.execPath, ['dev/main.ts'], { env: { ...env(), DEV_PORT_BASE: port } }));
    expect(refused).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/^DEV_PORT_BASE.*\.\n$/) });
  });

  it('serves the whole supergraph, once, and ends without a trace', { timeout: 90_000 }, async () => {
    const { started, ended } = await startStack('--fresh');
    const { stdout } = await token('ada');
    expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    const query = '{ me { username statistics { totalBadges totalGoals } } }';
    const { data } = await ask(`http://localhost:${base}`, { query, token: stdout.trim() });
    expect(data).toEqual({ me: { username: 'ada', statistics: { totalBadges: 6, totalGoals: 4 } } });

    const nobody = await failure(token('nobody'));
    expect(nobody).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/^No demo person .*\n$/) });
    const again = await failure(run(process.execPath, ['dev/main.ts'], { env: env() }));
    expect(again).toMatchObject({ code: 1, stderr: expect.stringMatching(/^The supergraph is already running .*\n$/) });

    started.kill('SIGINT');
    expect(await ended).toEqual([0, null]);
    expect(await freePorts()).toBe(4);
    expect(await locked()).toBe(false);
    expect(await failure(token('ada'))).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('npm run dev'),
    });
  });

  it('takes everything along when it is killed, and has its data when it starts again', {
    timeout: 120_000,
  }, async () => {
    const first = await startStack();
    first.started.kill('SIGKILL');
    await expect.poll(freePorts, PATIENCE).toBe(4);

    const second = await startStack();
    const query = '{ learner(id: "ada") { statistics { totalBadges totalGoals } } }';
    const { data } = await ask(`http://localhost:${base}`, { query });
    expect(data).toEqual({ learner: { statistics: { totalBadges: 6, totalGoals: 4 } } });

    const server = Number.parseInt(await readFile(`.dev/${base}/postgres/data/postmaster.pid`, 'utf8'), 10);
    process.kill(server, 'SIGKILL');
    expect(await second.ended).toEqual([1, null]);
    expect(lines).toContain('postgres ended: stopping the rest.');
    await expect.poll(freePorts, PATIENCE).toBe(4);
  });
});
