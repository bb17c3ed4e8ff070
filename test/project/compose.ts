import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { parse } from 'yaml';

type Command = string[];

export interface ComposeService {
  image?: string;
  build?: { context: string; target: string; args?: Record<string, string> };
  command?: Command;
  environment?: Record<string, string | number>;
  ports?: string[];
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: { test: Command };
  network_mode?: string;
  read_only?: boolean;
  cap_drop?: string[];
}

interface ComposeFile {
  services: Record<string, ComposeService>;
  configs: Record<string, { content: string }>;
}

export function parseCompose(text: string): ComposeFile {
  return parse(text, { merge: true });
}

/** A service of the file, to be run as a local process. */
export interface Program {
  command: Command;
  cwd: string;
  env: Record<string, string>;
}

/** Starts a program, which inherits only `env`, PATH and compiled code. */
export function startProgram({ command: [file = '', ...args], cwd, env }: Program) {
  const child = spawn(file === 'node' ? process.execPath : file, args, {
    cwd,
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => output.push(String(chunk)));
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return { child, output: () => output.join(''), ended };
}

/** Runs a command until it exits. */
export async function runProgram(program: Program): Promise<{ code: number | null; output: string }> {
  const { ended, output } = startProgram(program);
  return { code: await ended, output: output() };
}

/** Repeats a health check until it succeeds, as Docker does. Throws after 90 s. */
export async function untilHealthy(check: Program): Promise<void> {
  const deadline = Date.now() + 90_000;
  for (;;) {
    const { code, output } = await runProgram(check);
    if (code === 0) return;
    if (Date.now() > deadline) throw new Error(`Unhealthy after 90 s: ${check.env.HEALTH_URL} ${output}`);
    await delay(200);
  }
}

export async function stopProgram(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'close');
  child.kill('SIGKILL');
  await ended;
}

/** Returns the services in an order that satisfies `depends_on`. */
export function startOrder(services: Readonly<Record<string, ComposeService>>): string[] {
  const order: string[] = [];
  const visit = (name: string): void => {
    if (order.includes(name)) return;
    for (const dependency of Object.keys(services[name]?.depends_on ?? {})) visit(dependency);
    order.push(name);
  };
  for (const name of Object.keys(services)) visit(name);
  return order;
}
