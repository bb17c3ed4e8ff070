import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Env } from './app.ts';
import { createHttpClient, type HttpClient } from './http-client.ts';
import { NODE_ARGUMENTS } from './image.ts';
import { findTestPort } from './ports.ts';

const project = fileURLToPath(new URL('../..', import.meta.url));

interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** The service as a child process, called over HTTP. */
export interface ServiceProcess extends HttpClient {
  pid: number;
  /** The lines so far; the arrays grow. */
  stdout: string[];
  stderr: string[];
  kill(signal?: NodeJS.Signals): void;
  /** Returns whether the test has sent a signal. */
  wasSignalled(): boolean;
  /** Settles when the process has ended and its output is complete. */
  exit: Promise<Exit>;
  /** Kills the process if it still runs. */
  close(): Promise<void>;
}

/**
 * Starts the process without waiting for readiness: for starts that fail. The process inherits only `env`, PATH and
 * compiled code. PORT 0 or a missing PORT is replaced by a free port.
 */
export async function spawnService(env: Env): Promise<ServiceProcess> {
  const port = Number(env.PORT) || (await findTestPort());
  const child = spawn(process.execPath, NODE_ARGUMENTS, {
    cwd: project,
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, ...env, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const client = createHttpClient(`http://127.0.0.1:${port}`);
  const exit = once(child, 'close').then(([code, signal]): Exit => ({ code, signal }));
  return {
    ...client,
    pid: child.pid ?? 0,
    stdout: linesOf(child.stdout),
    stderr: linesOf(child.stderr),
    wasSignalled: () => child.killed,
    kill: (signal = 'SIGTERM') => void child.kill(signal),
    exit,
    async close() {
      client.disconnect();
      child.kill('SIGKILL');
      await exit;
    },
  };
}

/** Starts the process and waits until it is live. Throws with the content of stderr when the start fails. */
export async function startServiceProcess(env: Env): Promise<ServiceProcess> {
  const service = await spawnService(env);
  const ended = service.exit.then(({ code, signal }) => {
    throw new Error(`The service exited with ${code ?? signal} before it was live:\n${service.stderr.join('\n')}`);
  });
  ended.catch(() => undefined);
  await Promise.race([untilLive(service), ended]);
  void service.exit.then((exit) => service.wasSignalled() || reportExit(exit, [...service.stdout, ...service.stderr]));
  return service;
}

/** Prints why a process has ended that no test has sent a signal: later requests of tests only show that it is gone. */
function reportExit({ code, signal }: Exit, lines: readonly string[]): void {
  const reasons = lines.filter((line) => !line.includes('"level":"info"')).slice(-20);
  process.stderr.write(`The service exited with ${code ?? signal}:\n${reasons.join('\n')}\n`);
}

async function untilLive(service: ServiceProcess) {
  const deadline = Date.now() + 45_000;
  for (;;) {
    const status = await service.rest('/health/live').then(
      (response) => response.status,
      () => 0,
    );
    if (status === 200) return;
    if (Date.now() > deadline) {
      await service.close();
      throw new Error(`The service is not live after 45 s:\n${service.stderr.join('\n')}`);
    }
    await delay(20);
  }
}

function linesOf(stream: Readable): string[] {
  const lines: string[] = [];
  createInterface({ input: stream }).on('line', (line) => lines.push(line));
  return lines;
}
