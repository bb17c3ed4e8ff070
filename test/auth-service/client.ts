import type { AuthServiceClient as Client } from '../../src/auth-service/auth-service.ts';
import type { CallPolicyOptions } from '../../src/auth-service/call-policies.ts';
import { createAuthServiceClient } from '../../src/auth-service/client.ts';
import type { Contract } from './lookup.ts';

/** Returns a client of its own, with an empty cache and a closed circuit. */
export function createClient(auth: { url: string }, lookup: Contract, log?: CallPolicyOptions['log']): Client {
  const options = { url: auth.url, lookup, token: undefined, userFields: 'username displayName avatarUrl' };
  return createAuthServiceClient(options, { log });
}

/** Calls that a client sends at once by GraphQL, and those that wait. By REST it sends fewer. */
export const MAX_SLOTS = 32;
export const MAX_WAITING = 250;

let created = 0;
/** Returns ids that no other lookup has used and that belong to no user. */
export const newIds = (count: number): string[] => Array.from({ length: count }, () => `missing-${++created}`);

export const newId = (): string => `missing-${++created}`;

/** Returns the GraphQL operation that looks each of the users up. */
export const learners = (ids: readonly string[]): string =>
  `{ ${ids.map((id, index) => `l${index}: learner(id: "${id}") { id }`).join(' ')} }`;

/** Returns how long the work takes, in milliseconds. */
async function durationOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Returns the median duration of five runs, one after the other. */
export async function usualDurationOf(work: () => Promise<unknown>): Promise<number> {
  const durations: number[] = [];
  for (let run = 0; run < 5; run++) durations.push(await durationOf(work));
  return durations.toSorted((a, b) => a - b)[2] ?? Number.NaN;
}
