import { closedLoop } from './closed-loop.ts';
import type { LoopMessage, RequestsMessage } from './messages.ts';
import { openLoop } from './open-loop.ts';

// The load generator runs in a process of its own, so that no other work delays its requests.

let requests: Buffer[] = [];

process.on('message', async (message: RequestsMessage | LoopMessage) => {
  process.send?.(await handle(message));
});

function handle(message: RequestsMessage | LoopMessage): unknown {
  if (message.kind === 'closed') return closedLoop(requests, message);
  if (message.kind === 'open') return openLoop(requests, message);
  requests = message.requests.map((bytes) => Buffer.from(bytes));
  return requests.length;
}
