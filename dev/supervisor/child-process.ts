import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { CliError } from '../lib/cli-error.ts';
import { print } from '../lib/output.ts';
import type { ManagedProcess } from './managed-process.ts';

const HEALTHY_TIMEOUT_MS = 60_000;
const HEALTH_REQUEST_TIMEOUT_MS = 2_000;
const HEALTH_POLL_INTERVAL_MS = 50;
/** Time for a graceful shutdown before SIGKILL. */
const STOP_TIMEOUT_MS = 10_000;
const PARENT_WATCHDOG = new URL('parent-watchdog.ts', import.meta.url).href;

interface ChildOptions {
  script: URL;
  env: Record<string, string | undefined>;
  /** A URL that returns a 2xx status when the child is ready. */
  healthUrl: string;
}

/** Starts a Node.js program and prints its output with its name before each line. */
export function startChildProcess(name: string, { script, env, healthUrl }: ChildOptions): ManagedProcess {
  // Detached, because Ctrl-C in a terminal signals the whole process group and the children have to stop in order.
  const child = spawn(process.execPath, ['--import', PARENT_WATCHDOG, fileURLToPath(script)], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    detached: true,
  });
  for (const output of [child.stdout, child.stderr]) if (output) printLines(name, output);
  const exited = once(child, 'exit').then(([code, signal]) => `${name} ended (${signal ?? `exit code ${code}`})`);
  const ready = waitUntilHealthy(name, { healthUrl, exited });
  // Prevents an unhandled rejection during a shutdown; other callers await `ready` itself.
  ready.catch(() => {});
  return { name, ready, exited, stop: () => stop(child), kill: () => child.kill('SIGKILL') };
}

function printLines(name: string, output: Readable): void {
  createInterface({ input: output }).on('line', (line) => print(`[${name}] ${line}`));
}

interface HealthCheck {
  healthUrl: string;
  exited: Promise<string>;
}

async function waitUntilHealthy(name: string, { healthUrl, exited }: HealthCheck): Promise<void> {
  let exitReason: string | undefined;
  void exited.then((reason) => {
    exitReason = reason;
  });
  const deadline = Date.now() + HEALTHY_TIMEOUT_MS;
  while (exitReason === undefined && Date.now() < deadline) {
    const signal = AbortSignal.timeout(HEALTH_REQUEST_TIMEOUT_MS);
    const response = await fetch(healthUrl, { signal }).catch(() => null);
    if (response?.ok) return;
    await sleep(HEALTH_POLL_INTERVAL_MS);
  }
  throw new CliError(
    exitReason
      ? `${exitReason}; its output above has the reason.`
      : `${name} is not healthy after ${HEALTHY_TIMEOUT_MS / 1000} s; expected status 200 at ${healthUrl}.`,
  );
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await exited;
  clearTimeout(timer);
}
