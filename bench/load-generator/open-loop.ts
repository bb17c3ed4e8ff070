import { setImmediate as processEvents, setTimeout as sleep } from 'node:timers/promises';
import { Connection } from './connection.ts';
import type { OpenLoopOptions } from './messages.ts';
import { type Outcome, OutcomeRecorder } from './outcome.ts';

export interface OpenLoopOutcome extends Outcome {
  /** Requests that were not sent when due, because every connection had a pending request. */
  unsent: number;
}

/** The number of connections opened at the same time: below the listen backlog of the servers (511 in Node). */
const CONNECT_BATCH = 100;
/** How long pending responses are awaited at the end, in milliseconds. */
const DRAIN_TIMEOUT_MS = 5000;
/** Never written: waiting for it blocks the thread until the timeout. */
const NEVER_NOTIFIED = new Int32Array(new SharedArrayBuffer(4));

/**
 * Runs an open loop. Requests are due at a fixed rate, whether the server answers or not, and latency counts from the
 * time at which they were due. All connections are open from the start, as those of a gateway are.
 *
 * The thread handles responses once a tick. Waking up for each response would take CPU time from PostgreSQL.
 */
export async function openLoop(requests: readonly Buffer[], options: OpenLoopOptions): Promise<OpenLoopOutcome> {
  const { port, connections, seconds, requestsPerSecond, firstRequest, tickMs } = options;
  const idle = await openConnections(port, connections);
  const all = [...idle];
  const recorder = new OutcomeRecorder();
  const start = performance.now();
  let scheduled = 0;
  let unsent = 0;
  while (performance.now() < start + seconds * 1000) {
    const due = Math.floor(((performance.now() - start) / 1000) * requestsPerSecond);
    for (; scheduled < due; scheduled++) {
      const connection = idle.pop();
      if (connection === undefined) {
        unsent++;
        continue;
      }
      const dueAt = start + (scheduled / requestsPerSecond) * 1000;
      connection.send(requests[(firstRequest + scheduled) % requests.length] as Buffer, (response) => {
        recorder.record(response, dueAt);
        idle.push(connection);
      });
    }
    Atomics.wait(NEVER_NOTIFIED, 0, 0, tickMs);
    await processEvents();
  }
  for (let ms = 0; idle.length < all.length && ms < DRAIN_TIMEOUT_MS; ms++) await sleep(1);
  for (const connection of all) connection.close();
  return { ...recorder.outcome(), unsent };
}

async function openConnections(port: number, count: number): Promise<Connection[]> {
  const all: Connection[] = [];
  while (all.length < count) {
    const batch = Array.from({ length: Math.min(CONNECT_BATCH, count - all.length) }, () => new Connection(port));
    await Promise.all(batch.map((connection) => connection.open()));
    all.push(...batch);
  }
  return all;
}
