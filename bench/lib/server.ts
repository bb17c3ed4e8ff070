import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { findFreePort } from '../../dev/lib/ports.ts';
import { confine } from './cores.ts';

const LOGS = fileURLToPath(new URL('../../.dev/bench/logs/', import.meta.url));
const READY_WITHIN_MS = 30_000;
const STOP_WITHIN_MS = 10_000;

export interface Program {
  name: string;
  /** Without Node's own path for scripts: a command that ends in `.ts` is run by this Node. */
  command: readonly string[];
  env: Readonly<Record<string, string>>;
  cwd?: string | undefined;
}

/** A program that runs and answers. */
export interface Server {
  name: string;
  pid: number;
  port: number;
  url: string;
  /** How many requests it has been sent in a row. */
  asked: number;
  /** Empties the file that its output goes to. */
  clearLog(): void;
  stop(): Promise<void>;
}

/**
 * Starts a program on these cores, and resolves when it answers HTTP. It sees PATH, a PORT and `env`, nothing else of
 * ours; what it says goes to a file, which costs it what it costs in production: a system call a line.
 * @throws Error with its last words when it ends, or does not answer within 30 s
 */
export async function startServer(program: Program, cores: string | undefined): Promise<Server> {
  const port = await findFreePort();
  mkdirSync(LOGS, { recursive: true });
  const logPath = `${LOGS}${program.name}.log`;
  const log = openSync(logPath, 'w');
  const append = openSync(logPath, 'a');
  const [command = '', ...args] = confine(program.command, cores);
  const child = spawn(command, args, {
    cwd: program.cwd,
    env: { PATH: process.env.PATH, NODE_ENV: 'production', ...program.env, PORT: String(port) },
    stdio: ['ignore', append, append],
  });
  closeSync(append);
  const url = `http://127.0.0.1:${port}`;
  try {
    await untilItAnswers(child, url);
  } catch (error) {
    child.kill('SIGKILL');
    throw new Error(`${program.name} ${(error as Error).message}:\n${readFileSync(logPath, 'utf8').slice(-2000)}`);
  }
  return {
    name: program.name,
    pid: child.pid ?? 0,
    port,
    url,
    asked: 0,
    clearLog: () => ftruncateSync(log),
    async stop() {
      closeSync(log);
      await end(child);
    },
  };
}

async function untilItAnswers(child: ChildProcess, url: string): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS;
  let failure: Error | undefined;
  child.once('error', (error) => {
    failure = error;
  });
  while (Date.now() < deadline && failure === undefined && hasNotEnded(child)) {
    const answer = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(2000) }).catch(() => undefined);
    await answer?.arrayBuffer();
    if (answer !== undefined && answer.status !== 503) return;
    await sleep(50);
  }
  throw failure ?? new Error(hasNotEnded(child) ? 'does not answer' : 'ended before it answered');
}

async function end(child: ChildProcess): Promise<void> {
  const deadline = Date.now() + STOP_WITHIN_MS;
  child.kill('SIGTERM');
  while (hasNotEnded(child) && Date.now() < deadline) await sleep(20);
  if (hasNotEnded(child)) child.kill('SIGKILL');
}

function hasNotEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null;
}
