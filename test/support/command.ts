import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Env } from './app.ts';

const project = fileURLToPath(new URL('../..', import.meta.url));

/** Runs `node <file> <args>` as a child process, which inherits only `env`, PATH and compiled code. */
export function startCommand([file, ...args]: [string, ...string[]], env: Env) {
  const child = spawn(process.execPath, [file, ...args], {
    cwd: project,
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return {
    kill: () => void child.kill('SIGKILL'),
    /** Settles when the process has ended. */
    ended: output.then(([stdout, stderr]) => ({ code: child.exitCode, signal: child.signalCode, stdout, stderr })),
  };
}
