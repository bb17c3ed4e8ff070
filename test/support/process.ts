import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Env } from './app.ts';
import { createHttpClient, type HttpClient } from './http-client.ts';

const project = fileURLToPath(new URL('../..', import.meta.url));

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** `node src/main.ts` as a child, spoken to over HTTP. */
export interface ServiceProcess extends HttpClient {
  pid: number;
  /** Growing lists of lines. */
  stdout: string[];
  stderr: string[];
  kill(signal?: NodeJS.Signals): void;
  /** Settles when the process has ended and its output is complete. */
  exit: Promise<Exit>;
  /** Ends the process at once, if it is still there. */
  close(): Promise<void>;
}

/**
 * Starts the process and waits for nothing: for starts that are meant to fail. It sees `env` and PATH and nothing else
 * of ours; a PORT of 0 or none becomes one that is free.
 */
export async function spawnService(env: Env): Promise<ServiceProcess> {
  const port = Number(env.PORT) || (await freePort());
  const child = spawn(process.execPath, ['src/main.ts'], {
    cwd: project,
    env: { PATH: process.env.PATH, ...env, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const client = createHttpClient(`http://127.0.0.1:${port}`);
  const exit = once(child, 'close').then(([code, signal]): Exit => ({ code, signal }));
  return {
    ...client,
    pid: child.pid ?? 0,
    stdout: linesOf(child.stdout),
    stderr: linesOf(child.stderr),
    kill: (signal = 'SIGTERM') => void child.kill(signal),
    exit,
    async close() {
      client.disconnect();
      child.kill('SIGKILL');
      await exit;
    },
  };
}

/** Starts the process and waits until it answers; a start that fails rejects with what the process said. */
export async function startServiceProcess(env: Env): Promise<ServiceProcess> {
  const service = await spawnService(env);
  const ended = service.exit.then(({ code, signal }) => {
    throw new Error(`The service ended (${code ?? signal}) before it answered:\n${service.stderr.join('\n')}`);
  });
  ended.catch(() => undefined);
  await Promise.race([answering(service), ended]);
  return service;
}

async function answering(service: ServiceProcess) {
  const deadline = Date.now() + 15_000;
  for (;;) {
    const status = await service.rest('/health/live').then(
      (response) => response.status,
      () => 0,
    );
    if (status === 200) return;
    if (Date.now() > deadline) {
      await service.close();
      throw new Error(`No healthy answer in 15 s:\n${service.stderr.join('\n')}`);
    }
    await delay(20);
  }
}

function linesOf(stream: Readable): string[] {
  const lines: string[] = [];
  createInterface({ input: stream }).on('line', (line) => lines.push(line));
  return lines;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address ? address.port : 0;
}
