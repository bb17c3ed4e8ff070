import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { serviceEnv } from '../../support/app.ts';
import { it as base, describe, expect } from '../../support/fixtures.ts';

const NAMESPACE = ['--pid', '--fork', '--mount-proc'];
const withoutNamespaces = spawnSync('unshare', [...NAMESPACE, 'true']).status !== 0;

/** The URL of a database that accepts connections and never responds, and a promise of the first connection. */
const it = base.extend('silent', async ({}, { onCleanup }) => {
  const server = createServer((socket) => socket.on('error', () => undefined).resume()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onCleanup(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { url: `postgres://user:password@127.0.0.1:${port}/database`, connected: once(server, 'connection') };
});

const PROGRAMS = [
  [['src/main.ts'], 'SIGTERM', 143],
  [['src/main.ts'], 'SIGINT', 130],
  [['src/migrate.ts'], 'SIGTERM', 143],
  [['src/migrate.ts'], 'SIGINT', 130],
  [['src/verify.ts'], 'SIGTERM', 143],
  [['src/cutover.ts', 'inspect'], 'SIGINT', 130],
] as const;

async function childOf(pid = 0): Promise<number> {
  return Number(await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8'));
}

describe.skipIf(withoutNamespaces)('a program that is PID 1 and waits for the database', () => {
  it.for(PROGRAMS)('%j ends on %s with %i', async ([args, signal, code], { silent, auth, onTestFinished }) => {
    const env = serviceEnv(silent, auth, { MIGRATE_ON_START: 'true', PATH: process.env.PATH });
    const namespace = spawn('unshare', [...NAMESPACE, process.execPath, ...args], { env, stdio: 'ignore' });
    const exit = once(namespace, 'exit');
    await silent.connected;
    const program = await childOf(namespace.pid);
    onTestFinished(() => void (namespace.exitCode ?? process.kill(program, 'SIGKILL')));
    process.kill(program, signal);
    expect(await exit).toEqual([code, null]);
  });
});

describe('a program that is not PID 1', () => {
  it('ends by the signal itself, so that its parent knows it', async ({ silent, auth }) => {
    const env = serviceEnv(silent, auth);
    const program = spawn(process.execPath, ['src/migrate.ts'], { env, stdio: 'ignore' });
    const exit = once(program, 'exit');
    await silent.connected;
    program.kill('SIGTERM');
    expect(await exit).toEqual([null, 'SIGTERM']);
  });
});
