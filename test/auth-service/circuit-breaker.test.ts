import { badgeBody, describe, expect, it } from '../support/fixtures.ts';
import type { HttpClient } from '../support/http-client.ts';
import { startTicks } from '../support/ticks.ts';
import { contracts, lookups, unavailable } from './lookup.ts';

/** The time limit of a handler. */
const REQUEST_LIMIT_MS = 3000;

let unknownUsers = 0;
/** Returns a new id of no user, so that no cache answers the lookup. */
const unknownId = () => `unknown-${++unknownUsers}`;

/** Looks up unknown users one after the other and returns the statuses. */
async function lookUp(client: HttpClient, times: number): Promise<number[]> {
  const statuses: number[] = [];
  for (let i = 0; i < times; i++) statuses.push((await client.rest(`/users/${unknownId()}`)).status);
  return statuses;
}

describe.each(contracts)('the circuit breaker of %s lookups', (lookup, endpoint) => {
  it('opens when all of 20 calls failed, rejects lookups without calls, and closes after 5 s', async ({
    auth,
    serve,
    createUser,
  }) => {
    const ada = await createUser();
    const service = await serve({ AUTH_SERVICE_LOOKUP: lookup });
    auth.fail(endpoint, 500);
    auth.calls.clear();
    expect(await lookUp(service, 20)).toEqual(Array(20).fill(503));
    expect(lookups(auth)).toHaveLength(20);

    const start = performance.now();
    const rejected = await service.rest(`/users/${unknownId()}`);
    expect(rejected).toMatchObject(unavailable);
    expect(rejected.headers['retry-after']).toBe('5');
    expect(lookups(auth)).toHaveLength(20);
    const { token, id } = ada;
    expect((await service.rest(`/users/${id}/badges`, { token, body: badgeBody() })).status).toBe(200);
    expect((await service.rest('/health/ready')).status).toBe(200);

    auth.clearFaults();
    const profileStatus = async () => (await service.rest(`/users/${id}`)).status;
    await expect.poll(profileStatus, { timeout: 15_000, interval: 100 }).toBe(200);
    expect(performance.now() - start).toBeGreaterThan(4000);
    expect(await lookUp(service, 20)).toEqual(Array(20).fill(404));
  });

  it('opens when half of 20 calls failed', async ({ auth, serve }) => {
    const service = await serve({ AUTH_SERVICE_LOOKUP: lookup });
    expect(await lookUp(service, 10)).toEqual(Array(10).fill(404));
    auth.fail(endpoint, 500);
    expect(await lookUp(service, 10)).toEqual(Array(10).fill(503));
    auth.clearFaults();
    auth.calls.clear();
    expect(await lookUp(service, 1)).toEqual([503]);
    expect(lookups(auth)).toHaveLength(0);
  });

  it('stays closed when fewer than half of the calls failed', async ({ auth, serve }) => {
    const service = await serve({ AUTH_SERVICE_LOOKUP: lookup });
    await lookUp(service, 20);
    auth.fail(endpoint, 500);
    expect(await lookUp(service, 15)).toEqual(Array(15).fill(503));
    auth.clearFaults();
    expect(await lookUp(service, 1)).toEqual([404]);
  });

  it('stays closed after fewer than 20 calls, even if all failed', async ({ auth, serve }) => {
    const service = await serve({ AUTH_SERVICE_LOOKUP: lookup });
    auth.fail(endpoint, 500);
    await lookUp(service, 19);
    auth.clearFaults();
    expect(await lookUp(service, 1)).toEqual([404]);
  });

  it('counts retries', async ({ auth, serve }) => {
    const service = await serve({ AUTH_SERVICE_LOOKUP: lookup });
    auth.fail(endpoint, 503);
    auth.calls.clear();
    await lookUp(service, 14);
    expect(lookups(auth)).toHaveLength(20);
  });

  it('stays closed when the auth-service rejects tokens of users', async ({ auth, serve, createUser }) => {
    const ada = await createUser();
    const service = await serve({ AUTH_SERVICE_LOOKUP: lookup });
    for (const status of [401, 403]) {
      auth.fail(endpoint, status);
      for (let i = 0; i < 25; i++) await service.rest('/users/me', { token: ada.token });
    }
    auth.clearFaults();
    expect(await lookUp(service, 1)).toEqual([404]);
  });
});

it('while the auth-service hangs, lookups fail by their total timeout, and without a call after the circuit opens', async ({
  auth,
  serve,
}) => {
  const service = await serve();
  expect(await lookUp(service, 1)).toEqual([404]);
  auth.fail('graphql', 'hang');
  const start = performance.now();
  const elapsedMs = startTicks();
  const all = await Promise.all(Array.from({ length: 40 }, () => service.rest(`/users/${unknownId()}`)));
  // Twice the time limit of a lookup.
  expect(elapsedMs()).toBeLessThan(2000);
  // The time limit of a request has another code. Unlike that of a lookup, it includes the time of a blocked thread.
  const isLate = performance.now() - start >= REQUEST_LIMIT_MS;
  const codes = ['AUTH_SERVICE_UNAVAILABLE', ...(isLate ? ['SERVICE_UNAVAILABLE'] : [])];
  for (const { status, body } of all) {
    expect(status).toBe(503);
    expect(codes).toContain(body.code);
  }
  auth.calls.clear();
  expect(await lookUp(service, 10)).toEqual(Array(10).fill(503));
  expect(lookups(auth)).toHaveLength(0);
});
