import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Env } from '../support/app.ts';

const project = fileURLToPath(new URL('../..', import.meta.url));

/** `node src/migrate.ts` as a child; it sees `env` and PATH and nothing else of ours. */
export function startMigrate(env: Env) {
  const child = spawn(process.execPath, ['src/migrate.ts'], { cwd: project, env: { PATH: process.env.PATH, ...env } });
  const output = Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return {
    kill: () => void child.kill('SIGKILL'),
    /** Settles when the process has ended. */
    ended: output.then(([stdout, stderr]) => ({ code: child.exitCode, signal: child.signalCode, stdout, stderr })),
  };
}
