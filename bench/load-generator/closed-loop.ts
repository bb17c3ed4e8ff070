import { Connection } from './connection.ts';
import type { LoadOptions } from './messages.ts';
import { type Outcome, OutcomeRecorder } from './outcome.ts';

/**
 * Runs a closed loop: each connection sends its next request when the previous one is answered. At the end of the time
 * no more requests are sent, and pending ones are awaited and counted. No request's cost is counted in part.
 */
export async function closedLoop(requests: readonly Buffer[], options: LoadOptions): Promise<Outcome> {
  const recorder = new OutcomeRecorder();
  const endsAt = performance.now() + options.seconds * 1000;
  let next = options.firstRequest;

  const run = (connection: Connection): Promise<void> =>
    new Promise((resolve) => {
      const sendNext = () => {
        const sentAt = performance.now();
        if (sentAt >= endsAt) {
          connection.close();
          return resolve();
        }
        connection.send(requests[next++ % requests.length] as Buffer, (response) => {
          recorder.record(response, sentAt);
          sendNext();
        });
      };
      sendNext();
    });

  await Promise.all(Array.from({ length: options.connections }, () => run(new Connection(options.port))));
  return recorder.outcome();
}
