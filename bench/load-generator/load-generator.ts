import { fileURLToPath } from 'node:url';
import { startHelper } from '../processes/helper-process.ts';
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
  const helper = startHelper([PROGRAM], cores);
  const call = <Reply>(message: RequestsMessage | LoopMessage) => helper.call<Reply>(message);
  return {
    async setRequests(requests) {
      await call({ kind: 'requests', requests: [...requests] });
    },
    closedLoop: (options) => call({ kind: 'closed', ...options }),
    openLoop: (options) => call({ kind: 'open', ...options }),
    stop: helper.stop,
  };
}
