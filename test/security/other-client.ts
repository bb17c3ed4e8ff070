import { setTimeout as sleep } from 'node:timers/promises';
import { badgeBody } from '../support/builders.ts';
import type { RestResponse } from '../support/http-client.ts';
import type { Replica } from './replica.ts';

export interface OtherClient {
  slowestMs: number;
  requests: number;
  /** Requests that failed at each attempt. */
  failures: unknown[];
}

/** Attempts of a request: a client may repeat one that got 503. */
const ATTEMPTS = 5;
const RETRY_AFTER_MS = 500;
const PAUSE_MS = 20;

const ENTITIES =
  'query ($users: [_Any!]!) { _entities(representations: $users) { ... on User { badges(first: 2) { id name } } } }';

/** The small requests of the client: reads of one user's badges by both APIs, and a creation. */
const REQUESTS: ((replica: Replica) => Promise<RestResponse>)[] = [
  ({ graphql }) => graphql(ENTITIES, { users: [{ __typename: 'User', id: 'user-30' }] }),
  ({ rest }) => rest('/users/user-30/badges?limit=2'),
  ({ rest, token }) => rest('/users/ada/badges', { token, body: badgeBody() }),
];

/** Returns the time of the slowest of several requests. */
export async function usualTime(replica: Replica): Promise<number> {
  const other = startOtherClient(replica);
  await sleep(500);
  return (await other.stop()).slowestMs;
}

/** Starts a client that sends small requests, one after another, until `stop`. */
export function startOtherClient(replica: Replica): { stop: () => Promise<OtherClient> } {
  const result: OtherClient = { slowestMs: 0, requests: 0, failures: [] };
  let isOver = false;
  const run = async () => {
    do {
      for (const send of REQUESTS) await sendRepeatedly(() => send(replica), result);
      await sleep(PAUSE_MS);
    } while (!isOver);
  };
  const running = run();
  return {
    stop: async () => {
      isOver = true;
      await running;
      return result;
    },
  };
}

async function sendRepeatedly(send: () => Promise<RestResponse>, result: OtherClient): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const started = performance.now();
    const { status, text } = await send();
    result.slowestMs = Math.max(result.slowestMs, performance.now() - started);
    result.requests++;
    if (status === 200 && !text.includes('"errors"')) return;
    if (attempt === ATTEMPTS) {
      result.failures.push({ status, text: text.slice(0, 300) });
      return;
    }
    await sleep(RETRY_AFTER_MS);
  }
}
