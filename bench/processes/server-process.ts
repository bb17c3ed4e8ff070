import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { findFreePort } from '../../dev/lib/ports.ts';
import { confine } from './cpu-pinning.ts';
import type { Program } from './programs.ts';

const LOGS = fileURLToPath(new URL('../../.dev/bench/logs/', import.meta.url));
const START_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 10_000;
/** The end of the log that is shown when a server does not start, in characters. */
const LOG_EXCERPT = 2000;

export interface ServerProcess {
  name: string;
  pid: number;
  port: number;
  url: string;
  /** How many requests of the workload it has received. */
  requestsSent: number;
  /** Empties its log file. */
  clearLog(): void;
  stop(): Promise<void>;
}

/**
 * Starts a program on these cores, and resolves when it answers HTTP. Of this process's environment it sees PATH only.
 * Its output goes to a file, which costs one system call for each write, as in production.
 * @throws Error with the end of its log when it exits or does not answer within 30 s
 */
export async function startServer(program: Program, cores: string | undefined): Promise<ServerProcess> {
  const port = await findFreePort();
  mkdirSync(LOGS, { recursive: true });
  const logPath = `${LOGS}${program.name}.log`;
  const log = openSync(logPath, 'w');
  const output = openSync(logPath, 'a');
  const [command = '', ...args] = confine(program.command, cores);
  const child = spawn(command, args, {
    cwd: program.cwd,
    env: { PATH: process.env.PATH, NODE_ENV: 'production', ...program.env, PORT: String(port) },
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  const url = `http://127.0.0.1:${port}`;
  try {
    await waitUntilReady(child, url);
  } catch (error) {
    child.kill('SIGKILL');
    const excerpt = readFileSync(logPath, 'utf8').slice(-LOG_EXCERPT);
    throw new Error(`${program.name} ${(error as Error).message}:\n${excerpt}`);
  }
  return {
    name: program.name,
    pid: child.pid ?? 0,
    port,
    url,
    requestsSent: 0,
    clearLog: () => ftruncateSync(log),
    async stop() {
      closeSync(log);
      await stopProcess(child);
    },
  };
}

/** Any response but 503 counts as ready, because most servers have no health check. */
async function waitUntilReady(child: ChildProcess, url: string): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  let spawnError: Error | undefined;
  child.once('error', (error) => {
    spawnError = error;
  });
  while (Date.now() < deadline && spawnError === undefined && isRunning(child)) {
    const response = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(2000) }).catch(() => undefined);
    await response?.arrayBuffer();
    if (response !== undefined && response.status !== 503) return;
    await sleep(50);
  }
  throw spawnError ?? new Error(isRunning(child) ? 'does not answer' : 'exited before it answered');
}

async function stopProcess(child: ChildProcess): Promise<void> {
  const deadline = Date.now() + STOP_TIMEOUT_MS;
  child.kill('SIGTERM');
  while (isRunning(child) && Date.now() < deadline) await sleep(20);
  if (isRunning(child)) child.kill('SIGKILL');
}

function isRunning({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null;
}
