import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants, setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { OpenOutcome } from '../load/loops.ts';
import type { Loaded, Round } from '../load/main.ts';
import type { Outcome } from '../load/tally.ts';
import { confine } from './cores.ts';

const PROGRAM = fileURLToPath(new URL('../load/main.ts', import.meta.url));

/** The load generator, in a process of its own. */
export interface Load {
  /** What the following rounds send. */
  use(requests: readonly Buffer[]): Promise<void>;
  closed(round: ClosedRound): Promise<Outcome>;
  open(round: ClosedRound & { perSecond: number }): Promise<OpenOutcome>;
  stop(): void;
}

export interface ClosedRound {
  port: number;
  connections: number;
  seconds: number;
  /** The place of the first request to send. */
  from: number;
}

export function startLoad(cores: string | undefined): Load {
  const [command = '', ...args] = confine([process.execPath, PROGRAM], cores);
  const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], serialization: 'advanced' });
  if (child.pid !== undefined) goFirst(child.pid);
  const died = once(child, 'exit').then(() => Promise.reject(new Error('The load generator ended.')));
  died.catch(() => undefined);
  const ask = async <Reply>(message: Loaded | Round): Promise<Reply> => {
    const reply = once(child, 'message');
    child.send(message);
    return (await Promise.race([reply, died]))[0];
  };
  return {
    async use(requests) {
      await ask({ kind: 'requests', requests: [...requests] });
    },
    closed: (round) => ask({ kind: 'closed', perSecond: 0, ...round }),
    open: (round) => ask({ kind: 'open', ...round }),
    stop: () => void child.kill('SIGKILL'),
  };
}

/** Whoever measures must not wait for a turn, and take the wait for the server's. Without the right to it, it waits. */
function goFirst(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_HIGHEST);
  } catch {
    // Not root: latencies past saturation are partly the generator's own.
  }
}
