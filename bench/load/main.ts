import { closedLoop, openLoop, type Schedule } from './loops.ts';

/** Sent once for a workload, and used by the rounds that follow. */
export interface Loaded {
  kind: 'requests';
  requests: Uint8Array[];
}

export type Round = { kind: 'closed' | 'open' } & Omit<Schedule, 'requests'>;

let requests: Buffer[] = [];

// The process that sends: a program of its own, so that nothing else takes its time.
process.on('message', async (message: Loaded | Round) => {
  if (message.kind === 'requests') requests = message.requests.map((bytes) => Buffer.from(bytes));
  const reply =
    message.kind === 'requests'
      ? requests.length
      : await (message.kind === 'closed' ? closedLoop : openLoop)({ ...message, requests });
  process.send?.(reply);
});
