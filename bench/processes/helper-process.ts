import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants, setPriority } from 'node:os';
import { confine } from './cpu-pinning.ts';

/** A process of the benchmark that answers messages, one at a time. */
interface HelperProcess {
  /** Sends a message and resolves with the reply. */
  call<Reply>(message: object): Promise<Reply>;
  stop(): void;
}

/** Starts a script with its arguments on these cores. */
export function startHelper(script: readonly string[], cores: string | undefined): HelperProcess {
  const [command = '', ...args] = confine([process.execPath, ...script], cores);
  const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], serialization: 'advanced' });
  if (child.pid !== undefined) raisePriority(child.pid);
  const exited = once(child, 'exit').then(() => Promise.reject(new Error(`The process of ${script[0]} exited.`)));
  exited.catch(() => undefined);
  return {
    async call(message) {
      const reply = once(child, 'message');
      child.send(message);
      return (await Promise.race([reply, exited]))[0];
    },
    stop: () => void child.kill('SIGKILL'),
  };
}

/** Raises the priority, so that time that the process spends waiting for a CPU does not count as server latency. */
function raisePriority(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_HIGHEST);
  } catch {
    // Without root privileges, latencies include the process's own delays.
  }
}
