import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { say } from '../lib/say.ts';
import type { Part } from './part.ts';
import { Problem } from './problem.ts';

const HEALTHY_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 10_000;

export interface ChildOptions {
  script: URL;
  env: Record<string, string | undefined>;
  /** Answers 200 as soon as the child is ready. */
  health: string;
}

/** Runs one of the programs with its output under its name. */
export function startChild(name: string, { script, env, health }: ChildOptions): Part {
  const leash = new URL('leash.ts', import.meta.url).href;
  // Detached: Ctrl-C in a terminal reaches the whole process group, and the children have to go in order.
  const child = spawn(process.execPath, ['--import', leash, fileURLToPath(script)], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    detached: true,
  });
  for (const output of [child.stdout, child.stderr]) if (output) sayLines(name, output);
  const died = once(child, 'exit').then(([code, signal]) => `${name} ended (${signal ?? `exit code ${code}`})`);
  const ready = untilHealthy(name, { health, died });
  // Whoever waits for it hears of the failure; nobody may be waiting when the stack is being stopped.
  ready.catch(() => {});
  return { name, ready, died, stop: () => stop(child), kill: () => child.kill('SIGKILL') };
}

function sayLines(name: string, output: Readable): void {
  createInterface({ input: output }).on('line', (line) => say(`[${name}] ${line}`));
}

async function untilHealthy(name: string, { health, died }: { health: string; died: Promise<string> }): Promise<void> {
  let end: string | undefined;
  void died.then((what) => {
    end = what;
  });
  const deadline = Date.now() + HEALTHY_WITHIN_MS;
  while (end === undefined && Date.now() < deadline) {
    const answer = await fetch(health, { signal: AbortSignal.timeout(2000) }).catch(() => null);
    if (answer?.ok) return;
    await sleep(50);
  }
  throw new Problem(end ? `${end}: its reason is above.` : `${name} does not answer at ${health}.`);
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
  await gone;
  clearTimeout(force);
}
