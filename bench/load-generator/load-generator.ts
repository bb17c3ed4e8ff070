import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants, setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import { confine } from '../processes/cpu-pinning.ts';
import type { LoadOptions, LoopMessage, OpenLoopOptions, RequestsMessage } from './messages.ts';
import type { OpenLoopOutcome } from './open-loop.ts';
import type { Outcome } from './outcome.ts';

const PROGRAM = fileURLToPath(new URL('main.ts', import.meta.url));

/** The load generator process. */
export interface LoadGenerator {
  /** Sets the requests that the following loops send. */
  setRequests(requests: readonly Buffer[]): Promise<void>;
  closedLoop(options: LoadOptions): Promise<Outcome>;
  openLoop(options: OpenLoopOptions): Promise<OpenLoopOutcome>;
  stop(): void;
}

export function startLoadGenerator(cores: string | undefined): LoadGenerator {
  const [command = '', ...args] = confine([process.execPath, PROGRAM], cores);
  const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], serialization: 'advanced' });
  if (child.pid !== undefined) raisePriority(child.pid);
  const exited = once(child, 'exit').then(() => Promise.reject(new Error('The load generator exited.')));
  exited.catch(() => undefined);
  const call = async <Reply>(message: RequestsMessage | LoopMessage): Promise<Reply> => {
    const reply = once(child, 'message');
    child.send(message);
    return (await Promise.race([reply, exited]))[0];
  };
  return {
    async setRequests(requests) {
      await call({ kind: 'requests', requests: [...requests] });
    },
    closedLoop: (options) => call({ kind: 'closed', ...options }),
    openLoop: (options) => call({ kind: 'open', ...options }),
    stop: () => void child.kill('SIGKILL'),
  };
}

/** Raises the priority, so that time that the generator spends waiting for a CPU does not count as server latency. */
function raisePriority(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_HIGHEST);
  } catch {
    // Without root privileges, latencies under overload include the generator's own delays.
  }
}
