import { setImmediate as look, setTimeout as sleep } from 'node:timers/promises';
import { Connection } from './connection.ts';
import { type Outcome, Tally } from './tally.ts';

export interface Target {
  port: number;
  /** Sent one after another, and over again; `from` is the first one's place. */
  requests: readonly Buffer[];
  from: number;
  connections: number;
  seconds: number;
}

/**
 * Closed loop: every connection sends its next request when the one before is answered. When the time is over nothing
 * more is sent; what is under way is waited for and counts, so that no request's cost is counted in part.
 */
export function closedLoop({ port, requests, from, connections, seconds }: Target): Promise<Outcome> {
  const tally = new Tally();
  const endsAt = performance.now() + seconds * 1000;
  let next = from;

  const run = (connection: Connection): Promise<void> =>
    new Promise((resolve) => {
      const again = () => {
        const sentAt = performance.now();
        if (sentAt >= endsAt) {
          connection.close();
          return resolve();
        }
        connection.send(requests[next++ % requests.length] as Buffer, (answer) => {
          tally.add(answer, sentAt);
          again();
        });
      };
      again();
    });

  const all = Array.from({ length: connections }, () => run(new Connection(port)));
  return Promise.all(all).then(() => tally.outcome());
}

export interface Schedule extends Target {
  perSecond: number;
}

export interface OpenOutcome extends Outcome {
  /** Requests that were due and never sent, for all connections were waiting. */
  unsent: number;
}

const NEVER = new Int32Array(new SharedArrayBuffer(4));

/**
 * Open loop: requests are due at fixed times, whatever the server does, and latency counts from when they were due. All
 * connections are there from the start, as a gateway's are: it is requests that the server has too many of. It looks once a
 * millisecond at what has come: being woken for every answer would take time from those who are measured.
 */
export async function openLoop(schedule: Schedule): Promise<OpenOutcome> {
  const { port, requests, from, connections, seconds, perSecond } = schedule;
  const idle = await openAll(port, connections);
  const all = [...idle];
  const tally = new Tally();
  const start = performance.now();
  let due = 0;
  let unsent = 0;
  while (performance.now() < start + seconds * 1000) {
    const dueNow = Math.floor(((performance.now() - start) / 1000) * perSecond);
    for (; due < dueNow; due++) {
      const connection = idle.pop();
      if (connection === undefined) {
        unsent++;
        continue;
      }
      const dueAt = start + (due / perSecond) * 1000;
      connection.send(requests[(from + due) % requests.length] as Buffer, (answer) => {
        tally.add(answer, dueAt);
        idle.push(connection);
      });
    }
    Atomics.wait(NEVER, 0, 0, 1);
    await look();
  }
  for (let waits = 0; idle.length < all.length && waits < 5000; waits++) await sleep(1);
  for (const connection of all) connection.close();
  return { ...tally.outcome(), unsent };
}

const OPENED_AT_ONCE = 100;

async function openAll(port: number, count: number): Promise<Connection[]> {
  const all: Connection[] = [];
  while (all.length < count) {
    const some = Array.from({ length: Math.min(OPENED_AT_ONCE, count - all.length) }, () => new Connection(port));
    await Promise.all(some.map((connection) => connection.open()));
    all.push(...some);
  }
  return all;
}
